/** Five hundred trees are told with a few calls of git; and each as git tells it. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testRepository } from "../../test/repository.ts";
import type { Host } from "../host/index.ts";
import { take } from "../model/index.ts";
import type { RegistryEntry } from "../registry/registry.schema.ts";
import { historyOf } from "./history.ts";
import { listTrees } from "./index.ts";

/** The host, and what of git was called on it. */
function counted(host: Host): { readonly host: Host; readonly calls: string[] } {
  const calls: string[] = [];
  const git = new Proxy(host.git, {
    get(target, verb, receiver) {
      const value: unknown = Reflect.get(target, verb, receiver);
      if (typeof value !== "function") return value;
      return (...given: readonly unknown[]): unknown => {
        calls.push(String(verb));
        return Reflect.apply(value, target, given);
      };
    },
  });
  return { host: { ...host, git }, calls };
}

test("five hundred registered trees: merged, pushed and held, without a call of git for each", async () => {
  using rig = testRepository();
  const ahead = rig.commit(rig.root, { "a.txt": "ahead\n" });
  rig.git(rig.root, "reset", "--quiet", "--hard", rig.start);
  const refs = Array.from({ length: 500 }, (_, at) => `create refs/heads/b-${at} ${at % 2 === 0 ? rig.start : ahead}`);
  const stdin = [...refs, `create refs/remotes/origin/work ${ahead}`].join("\n");
  execFileSync("git", ["update-ref", "--stdin"], { cwd: rig.root, input: `${stdin}\n` });
  const machine = rig.host.machine;
  const entries = Object.fromEntries(
    refs.map((_, at) => {
      const entry: RegistryEntry = {
        key: `p/g/t-${at}`,
        worktreePath: join(rig.folder, "gone", String(at)),
        branch: `b-${at}`,
        baseRef: "main",
        baseCommit: rig.start,
        repository: rig.repository.commonDir,
        phase: "error-analysis",
        stage: at === 3 ? 1 : null,
        plan: null,
        cycle: 0,
        status: "active",
        intent: null,
        holder: {
          run: "p/g/t-3@implementation.stage-1#001",
          nonce: "n",
          pid: 1,
          startTime: "x",
          bootId: "b",
          machine: machine.name,
        },
        slot: at,
        implementationBase: {},
        createdAt: "2026-11-21T00:00:00.000Z",
        updatedAt: "2026-11-21T00:00:00.000Z",
      };
      return [entry.key, entry];
    }),
  );
  const { host, calls } = counted(rig.host);
  const listed = take(await listTrees(host, { schemaVersion: 1, entries }));
  expect(listed).toHaveLength(500);
  expect(calls.length, calls.join(" ")).toBeLessThan(8);
  for (const { key, merged, pushed, head, dirty } of listed) {
    const isAhead = Number(key.slice("p/g/t-".length)) % 2 === 1;
    // What is meant for the branch of a task that has the same one is in it.
    const wanted = [!isAhead ? null : key === "p/g/t-3", true];
    expect([key, merged, pushed, head, dirty]).toEqual([key, ...wanted, isAhead ? ahead : rig.start, null]);
  }
  expect(listed.find(({ key }) => key === "p/g/t-3")?.holder).toEqual({
    run: "p/g/t-3@implementation.stage-1#001",
    state: "dead",
  });
});

test("who lies in whom, as git says it: forks, merges, what has nothing in common, what is pushed", async () => {
  using rig = testRepository();
  const at = (name: string): string => rig.git(rig.root, "rev-parse", name);
  for (const [name, from] of [
    ["one", "main"],
    ["two", "main"],
    ["three", "one"],
  ] as const) {
    rig.git(rig.root, "switch", "--quiet", "-c", name, from);
    rig.commit(rig.root, { [`${name}.txt`]: name });
  }
  rig.git(rig.root, "merge", "--quiet", "--no-edit", "two");
  rig.git(rig.root, "switch", "--quiet", "--orphan", "alone");
  mkdirSync(join(rig.root, "src"), { recursive: true });
  rig.commit(rig.root, { "src/alone.txt": "alone" });
  const names = ["main", "one", "two", "three", "alone"];
  for (const some of [names, names.slice(0, 4)]) {
    const commits = some.map(at);
    const { holds, isPushed } = await historyOf(rig.host, rig.root, { commits, remotes: [at("one")] });
    for (const tip of commits)
      for (const commit of commits)
        expect([tip, commit, holds(tip, commit)]).toEqual([
          tip,
          commit,
          await rig.host.git.isAncestor(rig.root, commit, tip),
        ]);
    expect(commits.map(isPushed)).toEqual([true, true, false, false, false].slice(0, commits.length));
  }
});
