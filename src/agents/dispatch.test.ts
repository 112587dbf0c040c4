/** Every way in which an agent can end, with the real scripted program: the outcome it gets, in bounded time, nothing left. */
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { asked, asking, nothingLeft } from "../../test/dispatch.ts";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import type { Driver } from "./contract.ts";
import { dispatch, driverFor } from "./index.ts";

const inRepository = (body: (repo: TestRepository) => Promise<void>) => async () => {
  using repo = testRepository();
  await body(repo);
};
const entry = (doing: string, rest = "result: {good: 1}"): string => `  - {when: {}, do: [${doing}], ${rest}}`;

describe.concurrent("a good answer", () => {
  test(
    "is completed, with what it cost and who served it",
    inRepository(async (repo) => {
      const rest = "result: {good: 7}, usage: {input: 100, cachedInput: 40, output: 9}, modelServed: gpt-5.5";
      const { outcome, events, log } = await asked(
        repo,
        entry("{say: Looking}, {tool: Read}, {tool: Read}, {run: 'true'}", rest),
      );
      expect(outcome).toMatchObject({
        status: "completed",
        reason: null,
        value: { good: 7 },
        resultText: '{"good":7}',
        failure: null,
        modelServed: "gpt-5.5",
        family: "openai", // the scenario says anthropic: what served decides
        usage: { input: 100, cachedInput: 40, cacheWrite: 0, output: 9, reasoning: 0, costUsd: null },
        reasks: 0,
        toolCalls: 3,
        tools: { Read: 2, shell: 1 },
        notes: [],
        exitCode: 0,
      });
      expect(events.map(({ type }) => type)).toEqual([
        "started",
        "text",
        ...["tool-call", "tool-result", "tool-call", "tool-result", "tool-call", "tool-result"],
        "usage",
        "finished",
      ]);
      expect(log.split("\n").filter(Boolean)).toHaveLength(events.length);
    }),
  );

  test(
    "in the only json block of a message is taken, with a note; a usage that is not given is unknown",
    inRepository(async (repo) => {
      const { outcome } = await asked(repo, entry("", 'result: "Here:\\n```json\\n{\\"good\\": 2}\\n```"'));
      expect(outcome).toMatchObject({ status: "completed", value: { good: 2 }, usage: null });
      expect(outcome.notes).toEqual([expect.stringContaining("fenced block")]);
    }),
  );

  test(
    "counts though lines of it cannot be read, and the rest of them is heard",
    inRepository(async (repo) => {
      const garbled = await asked(repo, entry("{misbehave: broken-json}, {misbehave: half-utf8}"));
      expect(garbled.outcome).toMatchObject({ status: "completed", notes: ["2 lines of its stream were not JSON"] });
      expect(garbled.events).toContainEqual({ type: "text", text: "€" });
      expect(garbled.events).toContainEqual({ type: "text", text: "\uFFFD" });
    }),
  );

  test(
    "counts after thirty thousand events at once and bytes that are no UTF-8; all are heard, none is kept",
    inRepository(async (repo) => {
      const flood = 'for (let n = 0; n < 30000; n++) process.stdout.write("event " + n + "\\n")';
      const bytes = "process.stdout.write(Buffer.from([0xff, 0xfe, 0xc3, 0x0a]))";
      const driver = started([process.execPath, "-e", `${flood}; ${bytes}; console.log("{good:4}")`]);
      let ticks = 0;
      const ticking = setInterval(() => ticks++, 1);
      const { outcome, events, log } = await asked(repo, entry(""), { driver });
      clearInterval(ticking);
      // The engine had time for others in between.
      expect(ticks).toBeGreaterThan(5);
      expect(outcome).toMatchObject({ status: "completed", value: { good: 4 }, notes: [] });
      const texts = events.flatMap((event) => (event.type === "text" ? [event.text] : []));
      expect([texts.length, texts[29_999], texts[30_000]]).toEqual([30_001, "event 29999", "\uFFFD\uFFFD\uFFFD"]);
      expect(log).toContain("event 29999\n");
      expect(JSON.stringify(outcome).length).toBeLessThan(2_000);
    }),
  );

  test(
    "over its budget it is stopped by name; with a result in hand, the result counts",
    inRepository(async (repo) => {
      const over = ({ input }: { input: number }): string | undefined =>
        input > 100 ? "it used more than 100" : undefined;
      const acts = "{used: {input: 90, output: 1}}, {used: {input: 900, output: 1}}, {misbehave: never-speak}";
      const stopped = await asked(repo, entry(acts), { over });
      expect(stopped.outcome).toMatchObject({
        status: "error",
        reason: "budget",
        message: "was stopped: it used more than 100",
        failure: { kind: "budget" },
        usage: { input: 900 },
      });
      expect(stopped.events.at(-1)).toEqual({ type: "ending", why: "budget" });
      const paid = await asked(repo, entry("", "result: {good: 1}, usage: {input: 900, output: 1}"), { over });
      expect(paid.outcome).toMatchObject({ status: "completed", value: { good: 1 } });
      const unfit = await asked(repo, entry("", "result: {good: 0}, usage: {input: 900, output: 1}"), { over });
      expect(unfit.outcome).toMatchObject({ status: "error", reason: "budget", reasks: 0 });
    }),
  );
});

describe.concurrent("an answer that does not fit", () => {
  test(
    "is asked for again in the same conversation, with what was wrong; what it cost is the sum",
    inRepository(async (repo) => {
      const first = "  - {when: {reask: 0}, result: {good: 0}, usage: {input: 10, output: 1}}";
      const second = "  - {when: {reask: 1}, result: 'I think it is good.', usage: {input: 20, output: 2}}";
      const third = "  - {when: {reask: 2}, result: {good: 3}, usage: {input: 30, output: 3}}";
      const prompts: string[] = [];
      const askAgain = (problems: readonly string[], reask: number): string => {
        prompts.push(`${reask}: ${problems.join()}`);
        return "again";
      };
      const { outcome, log } = await asked(repo, [first, second, third].join("\n"), { askAgain });
      expect(outcome).toMatchObject({
        status: "completed",
        value: { good: 3 },
        reasks: 2,
        usage: { input: 60, output: 6 },
      });
      expect(prompts).toEqual([
        "1: good: must be above 0, is 0",
        expect.stringMatching(/^2: The last message was prose/),
      ]);
      const sessions = new Set(log.split("\n").flatMap((line) => /"session":"(\w+)"/.exec(line)?.[1] ?? []));
      expect([...sessions]).toEqual([outcome.session]);
    }),
  );

  test(
    "one that fits is gone on with while there is something to say, three times at most; what comes after can only better it",
    inRepository(async (repo) => {
      const lines = (last: string) =>
        ["{checked: 0}, result: {good: 1}", "{checked: 1}, result: {good: 2}", `{checked: 2}, ${last}`]
          .map((one) => `  - {when: ${one}, usage: {input: 10, output: 1}}`)
          .join("\n");
      const told: string[] = [];
      const goOn = async (value: unknown, nth: number): Promise<string | undefined> => {
        told.push(`${nth}: ${JSON.stringify(value)}`);
        return nth < 3 ? "looked up" : undefined;
      };
      const { outcome } = await asked(repo, lines("result: {good: 3}"), { goOn });
      expect(outcome).toMatchObject({ status: "completed", value: { good: 3 }, reasks: 0, usage: { input: 30 } });
      expect(told).toEqual(['1: {"good":1}', '2: {"good":2}', '3: {"good":3}']);
      const always = async (): Promise<string> => "looked up";
      const dead = await asked(repo, lines("do: [{misbehave: kill-self}]"), { goOn: always });
      expect(dead.outcome).toMatchObject({ status: "completed", value: { good: 2 } });
      expect(dead.outcome.notes.join()).toContain("the result before that counts");
      const endless = await asked(repo, "  - {when: {}, result: {good: 4}, usage: {input: 1, output: 1}}", {
        goOn: always,
      });
      expect(endless.outcome).toMatchObject({ status: "completed", value: { good: 4 }, usage: { input: 4 } });
    }),
  );

  test(
    "is not asked for again where the agent cannot go on, or where its folder is gone",
    inRepository(async (repo) => {
      const scripted = driverFor("scripted");
      const driver: Driver | undefined = scripted.ok ? { ...scripted.value, canResume: false } : undefined;
      const once = await asked(repo, entry("", "result: {good: 0}"), driver === undefined ? {} : { driver });
      expect(once.outcome).toMatchObject({ status: "error", reason: "invalid-result", reasks: 0 });
      const gone = await asked(repo, entry("{misbehave: delete-worktree}", "result: {good: 0}"));
      expect(gone.outcome).toMatchObject({ status: "error", reason: "tree-gone", reasks: 0 });
    }),
  );
});

describe.concurrent("no answer", () => {
  test.each([
    ["exits 0 after talk", "{say: Done}", { reason: "no-success-event", exitCode: 0 }],
    [
      "cannot do what its scenario says",
      "{run: 'exit 3'}",
      { reason: "agent-failed", failure: { kind: "deterministic" } },
    ],
  ] as const)("%s: an error with that name", async (_name, doing, expected) => {
    using repo = testRepository();
    const { outcome } = await asked(repo, `  - {when: {}, do: [${doing}]}`);
    expect(outcome).toMatchObject({ status: "error", value: null, reasks: 0, ...expected });
  });

  test(
    "an address that no entry fits is named in the failure",
    inRepository(async (repo) => {
      const { outcome } = await asked(repo, "  - {when: {worker: codex}}");
      expect(outcome).toMatchObject({ status: "error", reason: "agent-failed", failure: { kind: "deterministic" } });
      expect(outcome.message).toContain("has no entry for analyser claude, error-analysis, blind, attempt 1");
    }),
  );

  test(
    "a program that is not there was not run",
    inRepository(async (repo) => {
      const driver = started(["/no/such/program"]);
      const { outcome } = await asked(repo, entry(""), { driver });
      expect(outcome).toMatchObject({ status: "not-run", reason: "agent-missing", usage: null, session: null });
    }),
  );
});

describe.concurrent("a clock that runs out", () => {
  test.each([
    ["hangs between its acts", "{say: One moment}, {delayMs: 60000}", { idleMs: 300 }, "idle"],
    ["has a tool that does not end", "{tool: Bash, ms: 60000}", { idleMs: 1_000, hardMs: 2_000 }, "hard"],
  ] as const)("%s: timeout, and it is ended", async (_name, doing, clocks, reason) => {
    using repo = testRepository();
    const { outcome, events } = await asked(repo, entry(doing), { clocks });
    expect(outcome).toMatchObject({
      status: "timeout",
      reason,
      value: null,
      reasks: 0,
      failure: { kind: "transient" },
    });
    expect(events).toContainEqual({ type: "ending", why: reason });
  });

  test(
    "the soft one is only a notice",
    inRepository(async (repo) => {
      const { outcome, events } = await asked(repo, entry("{say: a}, {delayMs: 300}"), { clocks: { softMs: 10 } });
      expect(outcome.status).toBe("completed");
      expect(events.filter(({ type }) => type === "long")).toEqual([{ type: "long", afterMs: 10 }]);
    }),
  );

  test(
    "a whole, valid result that comes while it is ended still counts; an invalid one is no reason to ask again",
    inRepository(async (repo) => {
      const late = (text: string) =>
        started([
          "sh",
          "-c",
          `trap 'printf "%s\\n" "${text}"; exit 0' TERM; echo working; while :; do sleep 0.02; done`,
        ]);
      const clocks = { idleMs: 200, graceMs: 10_000 };
      const good = await asked(repo, entry(""), { driver: late("{good:5}"), clocks });
      expect(good.outcome).toMatchObject({ status: "completed", value: { good: 5 } });
      expect(good.outcome.notes).toEqual([expect.stringContaining("after it was told to end")]);
      const bad = await asked(repo, entry(""), { driver: late("{good:0}"), clocks });
      expect(bad.outcome).toMatchObject({ status: "timeout", reason: "idle", reasks: 0 });
      expect(bad.outcome.problems).toEqual(["good: must be above 0, is 0"]);
    }),
  );
});

describe.concurrent("what an agent leaves and shows", () => {
  test(
    "empty folders of its own sandbox go, what was there or is not empty stays",
    inRepository(async (repo) => {
      repo.write("there/.keep", "");
      const plain = driverFor("scripted");
      if (!plain.ok) return expect.unreachable();
      const driver: Driver = { ...plain.value, leaves: [".empty", "there", ".full", ".never"] };
      const doing = "{run: 'mkdir .empty .full; echo x > .full/x; rm there/.keep'}";
      expect((await asked(repo, entry(doing), { driver })).outcome.status).toBe("completed");
      expect(await repo.host.files.look(join(repo.root, ".empty"))).toBeUndefined();
      expect((await repo.host.files.look(join(repo.root, "there")))?.kind).toBe("folder");
      expect(repo.read(join(repo.root, ".full/x"))).toBe("x\n");
    }),
  );

  test(
    "a daemon that left its group, is deaf to TERM and holds the stream is found and ended",
    inRepository(async (repo) => {
      const { outcome } = await asked(repo, entry("{misbehave: fork-daemon}"));
      expect(outcome).toMatchObject({ status: "completed", notes: ["left 1 process running, which was ended"] });
    }),
  );

  test(
    "no key of its environment stands in stderr, log or outcome, nor does it see ours",
    inRepository(async (repo) => {
      const scenario = join(repo.folder, "scenario.yaml");
      const config = { scenario, env: { HOUSE_API_KEY: "house-key-0123456789", PLAIN: "plain" } };
      const run =
        "{run: 'echo key=$HOUSE_API_KEY plain=$PLAIN home=$HOME tmp=$TMPDIR nosystem=$GIT_CONFIG_NOSYSTEM; exit 4'}";
      const { outcome, log } = await asked(repo, entry(`{say: the key is house-key-0123456789}, ${run}`), { config });
      expect(outcome.stderrTail).toBe(
        `key=[redacted] plain=plain home=${join(repo.folder, "agent home")} tmp=${join(repo.folder, "agent tmp")} nosystem=\n`,
      );
      expect(log).toContain("the key is [redacted]");
      expect(JSON.stringify(outcome) + log).not.toContain("house-key-0123456789");
    }),
  );
});

test(
  "thirty thousand events as fast as they come: each is heard, little of them is kept",
  inRepository(async (repo) => {
    const event = JSON.stringify({ type: "text", text: "what an agent says while it works" });
    const script = `yes '${event}' | head -n 30000; printf '{good:1}\\n'`;
    let heard = 0;
    const driver = started(["sh", "-c", script]);
    const { outcome } = await asked(repo, entry("{misbehave: never-speak}"), { driver, onEvent: () => heard++ });
    expect(outcome).toMatchObject({ status: "completed", value: { good: 1 }, notes: [] });
    expect(heard).toBe(30_001);
    expect(JSON.stringify(outcome).length).toBeLessThan(2_000);
  }),
);

describe.concurrent("a person who stops it", () => {
  test(
    "ends everything: interrupted, nothing is left",
    inRepository(async (repo) => {
      const stop = new AbortController();
      const onEvent = ({ type }: { type: string }): void => {
        if (type === "tool-call") stop.abort();
      };
      const ask = asking(repo, entry("{misbehave: fork-daemon}, {tool: Bash, ms: 60000}"), {
        signal: stop.signal,
        onEvent,
      });
      expect(await dispatch(repo.host, ask)).toMatchObject({ ok: false, error: { reason: "interrupted" } });
      await nothingLeft(repo, ask.mark);
      expect(await dispatch(repo.host, ask)).toMatchObject({ ok: false, error: { reason: "interrupted" } });
    }),
  );

  test(
    "a failure of who notes the process ends the agent and is passed on",
    inRepository(async (repo) => {
      const onSpawned = async (): Promise<void> => {
        throw new Error("the journal cannot be written");
      };
      const ask = asking(repo, entry("{misbehave: never-speak}"), { onSpawned });
      await expect(dispatch(repo.host, ask)).rejects.toThrow("the journal cannot be written");
      await nothingLeft(repo, ask.mark);
    }),
  );
});

describe.concurrent("a puppet", () => {
  test(
    "says who it is, waits, and does what it is told",
    inRepository(async (repo) => {
      for (const [order, expected] of [
        ["go", { status: "completed", value: { good: 1 } }],
        ['{"exit": 9}', { status: "error", reason: "no-success-event", exitCode: 9 }],
        ["dance", { status: "error", reason: "agent-failed" }],
      ] as const) {
        const player = await playing(join(repo.folder, "p.sock"), order);
        const { outcome } = await asked(repo, entry("{puppet: p.sock}"), { address: { attempt: 2 } });
        player.close();
        expect(outcome).toMatchObject(expected);
        expect(player.heard).toEqual([
          expect.objectContaining({
            worker: "claude",
            role: "analyser",
            purpose: "blind",
            attempt: 2,
            reask: 0,
            cwd: repo.root,
          }),
        ]);
      }
    }),
  );
});

/** A driver of one's own around a command: a line `{good:N}` is its last message, any other line is talk. */
function started(command: readonly [string, ...string[]]): Driver {
  const launch = () => ({ command, env: {}, stdin: "", files: [], credentials: [] });
  return {
    name: "other",
    abilities: {
      session: "told",
      quota: "no",
      structured: "in the prompt",
      usage: "not reliably",
      cost: "none",
      limits: [],
      readOnly: "nothing",
      writing: "nothing",
    },
    canResume: true,
    access: ["read-only"],
    variables: [],
    hosts: () => [],
    defaultModel: "other",
    detect: () => Promise.resolve({ present: true, path: null, version: null, loggedIn: null, note: "" }),
    locate: () => Promise.resolve(command[0]),
    family: () => Promise.resolve("other"),
    command: launch,
    resume: launch,
    listen: () => ({
      hear: ({ text }) => {
        const good = /^\{good:(\d+)\}$/.exec(text)?.[1];
        return [good === undefined ? { type: "text", text } : { type: "finished", text: `{"good": ${good}}` }];
      },
      end: () => [],
    }),
  };
}

async function playing(path: string, order: string): Promise<{ heard: unknown[]; close: () => void }> {
  const heard: unknown[] = [];
  const server = createServer((socket) => {
    createInterface({ input: socket }).once("line", (line) => {
      heard.push(JSON.parse(line));
      socket.write(`${order}\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { heard, close: () => server.close() };
}
