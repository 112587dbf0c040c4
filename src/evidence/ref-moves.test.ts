/** What counts against an agent when branches move while it works, on real git. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import { take } from "../model/index.ts";
import { judgeMoves, type Strays } from "./index.ts";

/** A repository with a worktree for an agent beside the person's. */
async function watch(
  rig: TestRepository,
  work: (agent: string) => void,
  { known = {}, later = 0 }: { known?: Readonly<Record<string, string>>; later?: number } = {},
): Promise<Strays> {
  const agentTrees = join(rig.folder, "trees");
  const agent = join(agentTrees, "stage-1");
  rig.git(rig.root, "worktree", "add", "--quiet", "-b", "stage", agent);
  const refs = () => rig.host.git.refs(rig.root, "refs/");
  const before = await refs();
  const since = Date.now() + later;
  work(agent);
  const ask = { repository: rig.root, before, after: await refs(), since, agentTrees };
  return take(await judgeMoves(rig.host, { ...ask, known: async ({ ref }) => known[ref] }));
}

/** As if what the person did before had been long ago: a reflog knows whole seconds only. */
const longAgo = { later: 5_000 };

const childOf = (rig: TestRepository, at: string): string =>
  rig.git(at, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "sneaky");

test("a branch that an agent made, moved or deleted counts against it", async () => {
  using rig = testRepository();
  rig.git(rig.root, "branch", "theirs");
  rig.git(rig.root, "update-ref", "refs/heads/alone", childOf(rig, rig.root));
  const strays = await watch(
    rig,
    (agent) => {
      const commit = childOf(rig, agent);
      rig.git(agent, "update-ref", "refs/heads/new", commit);
      rig.git(agent, "update-ref", "refs/heads/main", commit);
      rig.git(agent, "branch", "-D", "alone");
      rig.git(agent, "replace", commit, rig.start);
    },
    longAgo,
  );
  expect(strays.listed).toEqual([]);
  expect(strays.unexplained.map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
    "refs/heads/alone was deleted",
    "refs/heads/main moved from",
    "refs/heads/new was made",
    expect.stringMatching(/^refs\/replace\/\S+ was made$/),
  ]);
});

test("a branch moved back to what it once was counts too", async () => {
  using rig = testRepository();
  rig.commit(rig.root, { "a.txt": "a" });
  const strays = await watch(rig, (agent) => rig.git(agent, "update-ref", "refs/heads/main", rig.start), longAgo);
  expect(strays.unexplained).toHaveLength(1);
});

test("what a person does in a worktree of their own is only listed", async () => {
  using rig = testRepository();
  rig.git(rig.root, "branch", "merged");
  rig.git(rig.root, "branch", "agents-own", childOf(rig, rig.root));
  const strays = await watch(rig, () => {
    rig.commit(rig.root, { "a.txt": "a" });
    rig.git(rig.root, "checkout", "--quiet", "-b", "mine");
    rig.commit(rig.root, { "b.txt": "b" });
    rig.git(rig.root, "branch", "-D", "merged");
    rig.git(rig.root, "branch", "another-name", "main~1");
    rig.git(rig.root, "branch", "at-agents", "agents-own");
    rig.git(rig.root, "tag", "v1");
  });
  expect(strays.unexplained).toEqual([]);
  // Whether the start counts as a visit of just now depends on the second in which it was made; explained it is either way.
  const listed = strays.listed.map((line) =>
    line.replace(/ (was|moved) .*: /, " ").replace(/(?<=another-name ).*/, "explained"),
  );
  expect(listed).toEqual([
    "refs/heads/another-name explained",
    "refs/heads/at-agents its commit was there before",
    `refs/heads/main somebody worked in ${rig.root}`,
    "refs/heads/merged another branch holds its commits",
    `refs/heads/mine somebody worked in ${rig.root}`,
    "refs/tags/v1 it holds nobody's work",
  ]);
});

test("what okstra knows of is only listed, and nothing moved is nothing", async () => {
  using rig = testRepository();
  const work = (agent: string) => {
    rig.git(agent, "update-ref", "refs/heads/other-stage", childOf(rig, agent));
  };
  expect(await watch(rig, work, { known: { "refs/heads/other-stage": "held by a run" } })).toMatchObject({
    unexplained: [],
    listed: [expect.stringMatching(/: held by a run$/)],
  });
  using quiet = testRepository();
  expect(await watch(quiet, () => undefined)).toEqual({ listed: [], unexplained: [] });
});
