import { expect, test } from "vitest";
import { type TestFolder, testFolder } from "../../test/folder.ts";
import { inPlace } from "./agent-places.ts";
import type { World } from "./world.ts";

type Limits = { readonly agents: number; readonly perFamily: number | null };

function askers(rig: TestFolder, signal = new AbortController().signal) {
  const said: string[] = [];
  const world: World = {
    host: rig.host,
    home: rig.home,
    okstraVersion: "0",
    listen: () => undefined,
    say: (line) => said.push(line),
    signal,
  };
  const asker = (concurrency: Limits) => ({
    id: "p/g/t@error-analysis#001",
    world,
    project: { settings: { concurrency } },
  });
  return { said, asker };
}

/** A body that is at work until it is let go. */
function work() {
  const at: string[] = [];
  const doors = new Map<string, () => void>();
  const body = (name: string) => async (): Promise<string> => {
    at.push(name);
    await new Promise<void>((go) => doors.set(name, go));
    at.splice(at.indexOf(name), 1);
    return name;
  };
  const go = (name: string): void => doors.get(name)?.();
  return { at, body, go };
}

const spec = (worker: string, family = "anthropic") => ({ worker, family });

test("no more at once than allowed; whoever waits is told why, and comes when one goes", async () => {
  using rig = testFolder();
  const { said, asker } = askers(rig);
  const { at, body, go } = work();
  const two = asker({ agents: 2, perFamily: null });
  const [a, b, c] = ["a", "b", "c"].map((name) => inPlace(two, spec(name), body(name)));
  await expect
    .poll(() => said)
    .toEqual(["c of p/g/t@error-analysis#001 waits for a free place (concurrency.agents is 2)"]);
  expect(at).toEqual(["a", "b"]);
  // A project that allows one only waits until nobody is at work, though there is a place.
  const one = inPlace(asker({ agents: 1, perFamily: null }), spec("d"), body("d"));
  go("a");
  expect(await a).toBe("a");
  await expect.poll(() => at).toEqual(["b", "c"]);
  go("b");
  await b;
  await expect.poll(() => said.length).toBe(2);
  expect(at).toEqual(["c"]);
  go("c");
  await c;
  await expect.poll(() => at).toEqual(["d"]);
  go("d");
  await one;
});

test("of one vendor fewer, and others do not wait behind it", async () => {
  using rig = testFolder();
  const { said, asker } = askers(rig);
  const { at, body, go } = work();
  const limits = asker({ agents: 4, perFamily: 1 });
  const first = inPlace(limits, spec("a"), body("a"));
  await expect.poll(() => at).toEqual(["a"]);
  const second = inPlace(limits, spec("b"), body("b"));
  await expect.poll(() => said).toEqual([expect.stringMatching(/^b of .*\(concurrency.perFamily is 1\)$/)]);
  const other = inPlace(limits, spec("c", "openai"), body("c"));
  await expect.poll(() => at).toEqual(["a", "c"]);
  for (const name of ["a", "c"]) go(name);
  await Promise.all([first, other]);
  await expect.poll(() => at).toEqual(["b"]);
  go("b");
  await second;
});

test("an interrupt ends the waiting, and a body that fails gives its place back", async () => {
  using rig = testFolder();
  const stop = new AbortController();
  const { said, asker } = askers(rig, stop.signal);
  const one = asker({ agents: 1, perFamily: 1 });
  await expect(inPlace(one, spec("a"), () => Promise.reject(new Error("it broke")))).rejects.toThrow("it broke");
  const { at, body, go } = work();
  const first = inPlace(one, spec("b"), body("b"));
  await expect.poll(() => at).toEqual(["b"]);
  const second = inPlace(one, spec("c"), body("c"));
  await expect.poll(() => said.length).toBe(1);
  stop.abort();
  await expect(second).rejects.toMatchObject({ failure: { reason: "interrupted" } });
  go("b");
  expect(await first).toBe("b");
});
