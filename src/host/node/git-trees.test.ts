import { expect, test } from "vitest";
import type { GitAsk, GitCaller } from "./git-call.ts";
import { gitTrees } from "./git-trees.ts";

/** A git that does nothing until it is told to, and what it was asked. */
function slowGit() {
  const asked: GitAsk[] = [];
  const ends: (() => void)[] = [];
  const must: GitCaller["must"] = async (ask) => {
    asked.push(ask);
    await new Promise<void>((end) => ends.push(end));
    return { exitCode: 0, stdout: Buffer.alloc(0), stderr: "" };
  };
  return { asked, ends, caller: { call: must, must } };
}

test("a tree that is filled alone has git's helpers on every core; what is filled beside others has its share", async () => {
  const { asked, ends, caller } = slowGit();
  const { fillTree } = gitTrees(caller, 4);
  const all = [fillTree("/a"), fillTree("/b"), fillTree("/c")];
  for (const end of ends) end();
  await Promise.all(all);
  const last = fillTree("/d");
  ends.at(-1)?.();
  await last;
  const workers = asked.map((ask) => ask.config?.find((one) => one.startsWith("checkout.workers=")));
  expect(workers).toEqual([4, 2, 1, 4].map((count) => `checkout.workers=${count}`));
});

test("a filling that failed no longer counts", async () => {
  const { asked, caller } = slowGit();
  const failing: GitCaller["must"] = async (ask) => {
    asked.push(ask);
    throw new Error("no");
  };
  const { fillTree } = gitTrees({ ...caller, must: failing }, 2);
  for (const tree of ["/a", "/b"]) await expect(fillTree(tree)).rejects.toThrow("no");
  for (const ask of asked) expect(ask.config).toContain("checkout.workers=2");
});
