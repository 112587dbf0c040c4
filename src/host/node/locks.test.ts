import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { hammer, Puppet, puppetFolder } from "../../../test/fixtures/lock-puppets.ts";
import { Fault } from "../../model/index.ts";
import type { LockName, LockRank, Locks } from "../locks.ts";
import { nodeHost } from "./index.ts";
import { threadsWaiting } from "./lock-flock.ts";
import { parseOwner, thisProcess } from "./lock-owner.ts";

const turn = (): Promise<void> => new Promise((settle) => setImmediate(settle));

let folder = "";
const puppets: Puppet[] = [];

beforeAll(async () => {
  folder = await puppetFolder();
});
afterEach(async () => {
  await Promise.all(puppets.splice(0).map((puppet) => puppet.kill()));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let names = 0;
function lockName(rank: LockRank = "task"): LockName {
  names += 1;
  return { rank, path: join(folder, "locks", `${names}.lock`) };
}
const locksOf = (kind: "flock" | "link"): Locks =>
  nodeHost({ env: process.env, packageRoot: "/", lockKind: kind }).locks;
async function puppet(kind: "flock" | "link"): Promise<Puppet> {
  const made = new Puppet(folder, kind);
  puppets.push(made);
  await made.ready;
  return made;
}

describe.each(["flock", "link"] as const)("%s", (kind) => {
  const locks = locksOf(kind);

  test("two flows of one process exclude each other, first come first served", async () => {
    const name = lockName();
    const seen: string[] = [];
    const first = await locks.acquire(name, "one");
    expect(await locks.tryAcquire(name, "two")).toBeUndefined();
    const second = locks.acquire(name, "two").then((lock) => {
      seen.push("two");
      return lock;
    });
    const third = locks.hold(name, "three", async () => seen.push("three"));
    await turn();
    expect(seen).toEqual([]);
    await first.release();
    await first.release();
    const held = await second;
    await turn();
    expect(seen).toEqual(["two"]);
    await held.release();
    await third;
    expect(seen).toEqual(["two", "three"]);
    await (await locks.tryAcquire(name, "again"))?.[Symbol.asyncDispose]();
    expect(await locks.owner(name)).toBeUndefined();
  });

  test("who holds a lock for a moment is written down only when somebody could ask", async () => {
    const name = lockName("ledger");
    const record = `${name.path}.owner`;
    const written = (): string => (existsSync(record) ? readFileSync(record, "utf8").trim() : "");
    await locks.hold(name, "us", async () => undefined);
    expect(written()).toBe("");
    await locks.hold(name, "us", async () => {
      expect(await locks.owner(name)).toContain(`us (pid ${process.pid}`);
    });
    expect(written()).toBe("");
    await locks.hold(name, "us", async () => {
      await turn();
      expect(written()).toContain('"purpose":"us"');
    });
    expect(written()).toBe("");
  });

  test("the lock is given back when the body throws", async () => {
    const name = lockName();
    await expect(locks.hold(name, "x", () => Promise.reject(new Error("bug")))).rejects.toThrow("bug");
    expect(await locks.tryAcquire(name, "y")).toBeDefined();
  });

  test("another process excludes us, is named to those who wait, and blocks nobody once killed", async () => {
    const name = lockName();
    const other = await puppet(kind);
    expect(await other.say({ do: "acquire", name })).toBe("held");
    expect(await locks.tryAcquire(name, "us")).toBeUndefined();
    expect(await locks.owner(name)).toMatch(new RegExp(`^puppet \\(pid ${other.child.pid}, since \\d{4}-`));
    expect(await locks.holder(name)).toMatchObject({ pid: other.child.pid, purpose: "puppet" });
    const told: string[] = [];
    const held = await locks.acquire(name, "us", {
      onWait: (owner) => {
        told.push(owner);
        other.child.kill("SIGKILL");
      },
    });
    expect(told).toEqual([expect.stringContaining(`pid ${other.child.pid}`)]);
    expect(await locks.owner(name)).toContain(`us (pid ${process.pid}`);
    await held.release();
    expect(await locks.holder(name)).toBeUndefined();
    expect(readdirSync(join(folder, "locks")).filter((file) => /\.(mark|heir)\./.test(file))).toEqual([]);
  });

  test("an aborted wait ends at once, and what it would have got is freed", async () => {
    const name = lockName();
    const other = await puppet(kind);
    await other.say({ do: "acquire", name });
    const abort = new AbortController();
    const waiting = locks.acquire(name, "us", { signal: abort.signal });
    if (kind === "flock") while (threadsWaiting() === 0) await turn();
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ failure: { reason: "interrupted" } });
    await expect(locks.acquire(name, "us", { signal: abort.signal })).rejects.toBeInstanceOf(Fault);
    expect(await other.say({ do: "release", name })).toBe("released");
    while (threadsWaiting() > 0) await turn();
    expect(await other.say({ do: "try", name })).toBe("held");
  });

  test("a turn given up is not waited for by those behind", async () => {
    const name = lockName();
    const abort = new AbortController();
    const first = await locks.acquire(name, "one");
    const second = locks.acquire(name, "two", { signal: abort.signal });
    const third = locks.acquire(name, "three");
    abort.abort();
    await expect(second).rejects.toBeInstanceOf(Fault);
    await first.release();
    await (await third).release();
  });

  // So many processes take their time on a busy machine.
  test("many processes count without losing one, while some are killed", { timeout: 120_000 }, async () => {
    const size = kind === "flock" ? { processes: 8, doomed: 4, cycles: 30 } : { processes: 6, doomed: 3, cycles: 20 };
    await hammer(folder, kind, size);
  });
});

describe("flock", () => {
  const locks = locksOf("flock");

  test("a child that outlives a killed holder does not keep the lock", async () => {
    const name = lockName();
    const other = await puppet("flock");
    await other.say({ do: "acquire", name });
    const sleeper = (await other.say({ do: "start-sleeper" })) as { pid: number };
    try {
      await other.kill();
      process.kill(sleeper.pid, 0);
      expect(await locks.tryAcquire(name, "us")).toBeDefined();
    } finally {
      process.kill(sleeper.pid, "SIGKILL");
    }
  });

  test("a process that waits in a thread can be ended with its exit code", async () => {
    const name = lockName();
    const held = await locks.acquire(name, "us");
    const other = await puppet("flock");
    void other.say({ do: "wait-and-exit", name, code: 7 });
    expect(await other.gone).toEqual({ code: 7, signal: null });
    await held.release();
  });

  test("a third wait is served while two threads are blocked", async () => {
    const [a, b, c] = [lockName("run"), lockName("run"), lockName("run")];
    const other = await puppet("flock");
    for (const name of [a, b, c]) await other.say({ do: "acquire", name });
    const abort = new AbortController();
    const blocked = [a, b].map((name) => locks.acquire(name, "us", { signal: abort.signal }));
    while (threadsWaiting() === 0) await turn();
    while (threadsWaiting() < 2) await turn();
    const third = locks.acquire(c, "us");
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(threadsWaiting()).toBe(2);
    await other.say({ do: "release", name: c });
    await (await third).release();
    abort.abort();
    expect((await Promise.allSettled(blocked)).map((one) => one.status)).toEqual(["rejected", "rejected"]);
    await other.kill();
    while (threadsWaiting() > 0) await turn();
  });

  test("reading who holds a lock loads no native code", async () => {
    const name = lockName();
    const held = await locks.acquire(name, "us");
    const other = await puppet("flock");
    expect(await other.say({ do: "owner", name })).toEqual({
      owner: expect.stringContaining(`us (pid ${process.pid}`),
      koffi: false,
    });
    await held.release();
  });

  test("a lock file that was deleted meanwhile is noticed", async () => {
    const name = lockName();
    await (await locks.acquire(name, "one")).release();
    rmSync(name.path);
    rmSync(`${name.path}.owner`);
    const held = await locks.acquire(name, "two");
    const other = await puppet("flock");
    expect(await other.say({ do: "try", name })).toBe("taken");
    expect(await locks.owner(name)).toContain("two (pid");
    await held.release();
  });
});

describe("link", () => {
  const locks = locksOf("link");
  const mark = (nonce: string, alive: boolean): string =>
    JSON.stringify({ nonce, ...thisProcess(), ...(alive ? {} : { startTime: "0" }) });

  test("the right to clear away passes on from heir to heir, and nothing stays behind", async () => {
    const name = lockName();
    await (await locks.acquire(name, "make the folder")).release();
    writeFileSync(`${name.path}.held`, mark("d0", false));
    writeFileSync(`${name.path}.heir.d0`, mark("d1", false));
    writeFileSync(`${name.path}.heir.d1`, mark("d2", false));
    writeFileSync(`${name.path}.mark.1234567.d3`, mark("d3", false));
    const held = await locks.tryAcquire(name, "us");
    expect(held).toBeDefined();
    const own = name.path.split("/").at(-1) ?? "";
    const there = (): string[] => readdirSync(join(folder, "locks")).filter((file) => file.startsWith(own));
    expect(there().sort()).toEqual([`${own}.held`, `${own}.owner`]);
    await held?.release();
    expect(there()).toEqual([`${own}.owner`]);
  });

  test("while a live heir is at it, nobody else clears away", async () => {
    const name = lockName();
    await (await locks.acquire(name, "make the folder")).release();
    writeFileSync(`${name.path}.held`, mark("d0", false));
    writeFileSync(`${name.path}.heir.d0`, mark("d1", true));
    expect(await locks.tryAcquire(name, "us")).toBeUndefined();
    rmSync(`${name.path}.heir.d0`);
    await (await locks.tryAcquire(name, "us"))?.release();
  });

  test("a holder of another boot is dead; one in another pid space may live", async () => {
    const name = lockName();
    await (await locks.acquire(name, "make the folder")).release();
    writeFileSync(
      `${name.path}.held`,
      JSON.stringify({ nonce: "n", ...thisProcess(), space: "elsewhere", pid: 1 << 22 }),
    );
    expect(await locks.tryAcquire(name, "us")).toBeUndefined();
    writeFileSync(`${name.path}.held`, JSON.stringify({ nonce: "n", ...thisProcess(), bootId: "earlier" }));
    await (await locks.tryAcquire(name, "us"))?.release();
  });
});

describe("order of ranks", () => {
  const locks = locksOf("flock");
  const nothing = async (): Promise<void> => undefined;

  test("who makes a task's worktree may hold its run, and not the other way round", async () => {
    const [run, tree] = [lockName("run"), lockName("tree")];
    await locks.hold(run, "x", () => locks.hold(tree, "y", nothing));
    await expect(locks.hold(tree, "x", () => locks.hold(run, "y", nothing))).rejects.toThrow("lock order: run");
  });

  test("downwards is allowed, upwards and sideways throw", async () => {
    await locks.hold(lockName("run"), "x", () =>
      locks.hold(lockName("task"), "x", () => locks.hold(lockName("home"), "x", nothing)),
    );
    const upwards = locks.hold(lockName("registry"), "x", () => locks.acquire(lockName("task"), "x"));
    await expect(upwards).rejects.toThrow(/lock order: task .* while registry/);
    const sideways = locks.hold(lockName("task"), "x", () => locks.tryAcquire(lockName("task"), "x"));
    await expect(sideways).rejects.toThrow("lock order");
    await expect(sideways).rejects.not.toBeInstanceOf(Fault);
  });

  test("flows side by side do not see each other's locks, nor those given back", async () => {
    let go = (): void => undefined;
    const given = new Promise<void>((settle) => {
      go = settle;
    });
    let late: Promise<void> | undefined;
    await Promise.all([
      locks.hold(lockName("registry"), "x", async () => {
        late = given.then(async () => (await locks.acquire(lockName("run"), "x")).release());
        await turn();
      }),
      locks.hold(lockName("task"), "x", turn),
    ]);
    go();
    await late;
  });
});

test("an owner record that is blank, torn or foreign is none", () => {
  const whole = JSON.stringify({ ...thisProcess(), purpose: "p", since: "s" });
  expect(parseOwner(`${whole}   \n`)).toMatchObject({ purpose: "p", pid: process.pid });
  for (const text of ["", "   \n", whole.slice(0, -5), "null", "7", '{"pid":"1"}', '{"pid":1}']) {
    expect(parseOwner(text)).toBeUndefined();
  }
});
