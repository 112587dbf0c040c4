/** Worktrees are freed, removed and pruned, and nothing goes that is the only copy. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  checkWorktreePruneAnswer,
  checkWorktreeReleaseAnswer,
  checkWorktreeRemoveAnswer,
} from "../../src/generated/looking.check.js";
import { assertGolden } from "../golden.ts";
import { normalise } from "../normalise.ts";
import { agents, key } from "../rig/calculator.ts";
import { type Ground, openApproved, prepareStage, together } from "../rig/races.ts";
import type { Ran, Rig } from "../rig/rig.ts";
import { ledgerOf, registryOf, wrongs, wrongsAfterDeletion } from "../rig/world.ts";

let ground: Ground;
let rig: Rig;
let restore: () => void;

/** Stage 1 is done and merged, stage 2 prepared; whoever prepared it is gone. */
beforeAll(async () => {
  ground = await openApproved();
  rig = ground.rig;
  await must("implement", key, "--stage", "1", "--agents", agents(rig));
  await must(...prepareStage(rig, "2"));
  restore = rig.keep();
}, 180_000);
beforeEach(() => restore());
afterAll(() => ground[Symbol.asyncDispose]());

async function must(...args: string[]): Promise<Ran> {
  const ran = await rig.okstra(args);
  if (ran.code !== 0) throw new Error(`${args.join(" ")}: exit ${ran.code}\n${ran.stdout}${ran.stderr}`);
  return ran;
}

const tree = (name: string): string => join(rig.home, "worktrees", key, name);
const remove = (...args: string[]) => rig.okstra(["worktree", "remove", key, "--json", ...args]);
const reasonOf = (ran: Ran): string => ran.json<{ error: { reason: string } }>().error.reason;
const remedyOf = (ran: Ran): string => ran.json<{ error: { remedy: string } }>().error.remedy;
const shown = (text: string): string =>
  normalise(text, { paths: [rig.home, rig.root, rig.folder] })
    .replaceAll(/\b[0-9a-f]{8}\b/g, "<commit>")
    .replaceAll(/[\d.]+ KiB/g, "<size>")
    .replaceAll(/<size> +/g, "<size>  ")
    .replaceAll(/DISK +/g, "DISK  ")
    .replaceAll(/\b\d{8}T\d+Z/g, "<time>");

test("prune: what is done goes, what is not stays and says why; --explain changes nothing", async () => {
  const explained = await must("worktree", "prune", "--explain");
  assertGolden("cli/worktree-prune-explain.txt", shown(explained.stdout));
  expect(await wrongs(rig, key)).toEqual([]);
  const ran = await must("worktree", "prune", "--json");
  const answer = ran.json<{ entries: { key: string; action: string }[] }>();
  expect(checkWorktreePruneAnswer(answer), JSON.stringify(checkWorktreePruneAnswer.errors)).toBe(true);
  expect(answer.entries.map((one) => [one.key, one.action])).toEqual([
    [`${key}#stage-1`, "removed"],
    [`${key}#stage-2`, "kept"],
    [key, "kept"],
  ]);
  expect([existsSync(tree("stage-1")), rig.git("branch", "--list", "fix-add-s1")]).toEqual([false, ""]);
  expect(await wrongsAfterDeletion(rig, key)).toEqual([]);
  // What depends on the stage goes on as if its tree were there.
  const states = (await must("status", key, "--json")).json<{ task: { stages: { state: string }[] } }>();
  expect(states.task.stages.map(({ state }) => state)).toEqual(["done", "active", "blocked"]);
});

test("remove refuses what would be lost, and names it; with --force a ref and a folder keep it", async () => {
  rig.write(`${tree("stage-1")}/notes.md`, "not added\n");
  rig.write(`${tree("stage-1")}/src/add.js`, "changed\n");
  rig.write(`${tree("stage-1")}/.okstra/mine.txt`, "only here\n");
  const refused = await rig.okstra(["worktree", "remove", key, "--stage", "1"]);
  expect(refused.code).toBe(1);
  assertGolden("cli/worktree-remove-refused.txt", shown(refused.stderr));
  const forced = await remove("--stage", "1", "--force");
  const answer = forced.json<{ removed: { rescue: string[]; kept: string[]; branchDeleted: boolean }[] }>();
  expect(checkWorktreeRemoveAnswer(answer), JSON.stringify(checkWorktreeRemoveAnswer.errors)).toBe(true);
  const [removed] = answer.removed;
  expect(removed?.branchDeleted).toBe(true);
  expect(rig.git("show", `${removed?.rescue[0]}:notes.md`)).toBe("not added");
  expect(rig.git("show", `${removed?.rescue[0]}:src/add.js`)).toBe("changed");
  expect(rig.read(join(removed?.kept[0] ?? "", ".okstra/mine.txt"))).toBe("only here\n");
  expect(await wrongsAfterDeletion(rig, key)).toEqual([]);
  assertGolden(
    "cli/worktree-remove-none.txt",
    shown((await rig.okstra(["worktree", "remove", key, "--stage", "1"])).stderr),
  );
});

test("a held stage is neither removed nor pruned until it is released; the task goes with all its trees", async () => {
  expect(reasonOf(await remove("--stage", "2", "--force"))).toBe("stage-taken");
  expect(reasonOf(await remove("--force"))).toBe("stage-taken");
  const released = await must("worktree", "release", key, "--stage", "2", "--json");
  const answer = released.json<{ released: { stage: number }[] }>();
  expect(checkWorktreeReleaseAnswer(answer), JSON.stringify(checkWorktreeReleaseAnswer.errors)).toBe(true);
  expect(answer.released.map(({ stage }) => stage)).toEqual([2]);
  expect(ledgerOf(rig, key).at(-1)).toMatchObject({ stage: 2, status: "released", source: "worktree-release" });
  expect((await must("worktree", "release", key)).stdout).toBe("No stage is held by a run that is dead\n");
  const refused = await remove();
  expect(reasonOf(refused)).toBe("would-lose-work");
  const { trees } = refused.json<{ error: { details: { trees: { key: string; objections: { what: string }[] }[] } } }>()
    .error.details;
  expect(trees.map((one) => [one.key, one.objections.map(({ what }) => what)])).toEqual([
    [`${key}#stage-2`, ["run"]],
    [key, ["commits", "run"]],
  ]);
  expect(Object.keys(registryOf(rig))).toHaveLength(3);
  const forced = await rig.okstra(["worktree", "remove", key, "--force"]);
  assertGolden("cli/worktree-remove.txt", shown(forced.stdout));
  expect(Object.keys(registryOf(rig))).toEqual([]);
  expect(rig.git("branch", "--format=%(refname:short)")).toBe("main");
  const [rescue = ""] = rig.git("for-each-ref", "--format=%(refname)", "refs/okstra/rescue/").split("\n");
  expect(rig.git("log", "--format=%s", `main..${rescue}`)).toContain("fix(add): make it right");
});

test("two removals, and a removal and a prepare, at the same moment", async () => {
  const ran = await together(
    rig,
    ["worktree", "remove", key, "--stage", "1", "--json"],
    ["worktree", "remove", key, "--stage", "1", "--json"],
  );
  expect(ran.map(({ code }) => code).toSorted()).toEqual([0, 2]);
  expect(ran.filter(({ code }) => code !== 0).map(reasonOf)).toEqual(["no-worktree"]);
  expect(await wrongsAfterDeletion(rig, key)).toEqual([]);
  restore();
  await must("worktree", "release", key);
  const [removed, prepared] = await together(
    rig,
    ["worktree", "remove", `${key}#stage-2`, "--force", "--json"],
    prepareStage(rig, "2"),
  );
  expect(prepared?.code, prepared?.stderr).toBe(0);
  if (removed?.code !== 0 && removed !== undefined) expect(["stage-taken", "run-active"]).toContain(reasonOf(removed));
  expect(existsSync(tree("stage-2"))).toBe(true);
  const before = ["in the trash", "a branch that is not registered"];
  expect(
    (await wrongsAfterDeletion(rig, key)).filter((line) => !before.some((known) => line.startsWith(known))),
  ).toEqual([]);
});

test("a removal that is killed before its steps is finished by what comes next", {
  timeout: 180_000,
}, async () => {
  rig.write(`${tree("stage-1")}/notes.md`, "not added\n");
  rig.write(`${tree("stage-1")}/.okstra/mine.txt`, "only here\n");
  const again = rig.keep();
  const { effects } = await rig.traced(["worktree", "remove", key, "--stage", "1", "--force"]);
  const begun = effects.findIndex(({ detail }) => detail.includes("registry.json"));
  const kinds = ["git.setRef", "files.rename", "git.forgetTree", "git.deleteBranch", "files.replaceFile"];
  const last = kinds.map((kind) => effects.slice(begun).findLast((effect) => effect.kind === kind));
  for (const { n, kind } of last.map((effect) => effect ?? { n: 0, kind: "none" })) {
    again();
    const killed = await rig.okstra(["worktree", "remove", key, "--stage", "1", "--force"], { stopBefore: n });
    expect([kind, killed.signal]).toEqual([kind, "SIGKILL"]);
    await must("worktree", "prune", key);
    const kept = rig.git("for-each-ref", "--format=%(refname)", "refs/okstra/rescue/").split("\n")[0] ?? "";
    const there = existsSync(tree("stage-1"))
      ? rig.read(`${tree("stage-1")}/notes.md`)
      : `${rig.git("show", `${kept}:notes.md`)}\n`;
    expect([n, kind, there]).toEqual([n, kind, "not added\n"]);
    expect([n, kind, mineOf()]).toEqual([n, kind, ["only here\n"]]);
    expect([n, kind, await wrongsAfterDeletion(rig, key)]).toEqual([n, kind, []]);
  }
});

test("a released stage goes on in its worktree, also after kills; one that was changed is set aside", {
  timeout: 180_000,
}, async () => {
  await must("worktree", "release", key, "--stage", "2");
  rig.write(`${tree("stage-2")}/src/half.js`, "half\n");
  const author = ["-c", "user.name=A", "-c", "user.email=a@b"];
  rig.gitAt(tree("stage-2"), "add", ".");
  rig.gitAt(tree("stage-2"), ...author, "commit", "--quiet", "-m", "half of it");
  const half = rig.git("rev-parse", "fix-add-s2");
  const again = rig.keep();
  const { effects, ran } = await rig.traced(prepareStage(rig, "2"));
  const answer = ran.json<{ worktree: { status: string; path: string; branch: string } }>();
  expect(answer.worktree).toMatchObject({ status: "reused", path: tree("stage-2"), branch: "fix-add-s2" });
  expect([rig.git("rev-parse", "fix-add-s2"), await wrongs(rig, key)]).toEqual([half, []]);
  expect(ledgerOf(rig, key).at(-1)).toMatchObject({ stage: 2, status: "started", attempt: 2 });
  for (const { n } of effects.filter(({ detail }) => /registry\.json|consumers\.jsonl/.test(detail))) {
    again();
    const killed = await rig.okstra(prepareStage(rig, "2"), { stopBefore: n });
    const next = await must(...prepareStage(rig, "auto"));
    const stages = [next.json<{ stage: number }>().stage, killed.signal];
    expect([n, stages, await wrongs(rig, key)]).toEqual([n, [2, "SIGKILL"], []]);
    expect([n, rig.git("rev-parse", "fix-add-s2")]).toEqual([n, half]);
  }
  again();
  rig.write(`${tree("stage-2")}/notes.md`, "not added\n");
  const aside = (await must(...prepareStage(rig, "2"))).json<typeof answer>();
  expect([aside.worktree.status, rig.git("rev-parse", "fix-add-s2-old1")]).toEqual(["created", half]);
  expect(existsSync(`${tree("stage-2-old1")}/notes.md`)).toBe(true);
  expect([rig.git("rev-parse", "fix-add-s2") === half, await wrongs(rig, key)]).toEqual([false, []]);
});

test("a limit that the settings set is kept, and says what to do", async () => {
  await must("worktree", "release", key);
  // Else its worktree is taken over, and none is made.
  rig.write(`${tree("stage-2")}/notes.md`, "not added\n");
  const project = JSON.parse(rig.read(".okstra/project.json")) as object;
  for (const limit of [{ worktreeMax: 3 }, { worktreeQuotaGb: 0 }]) {
    rig.write(".okstra/project.json", JSON.stringify({ ...project, ...limit }));
    const ran = await rig.okstra(prepareStage(rig, "2"));
    expect([ran.code, reasonOf(ran)]).toEqual([5, "worktree-limit"]);
    // Stage 1 is merged; its tree may go.
    expect(remedyOf(ran)).toMatch(
      /^okstra worktree prune frees \d+ kB of 1 worktree; or raise the limit in the settings$/,
    );
    expect(Object.keys(registryOf(rig))).toHaveLength(3);
  }
  await must("worktree", "prune");
  const ran = await rig.okstra(prepareStage(rig, "2"));
  expect(remedyOf(ran)).toBe("Raise the limit in the settings; okstra worktree prune could free nothing now");
});

/** The file that git does not see, wherever it is now. */
function mineOf(): string[] {
  const rescued = join(rig.home, "rescued", key);
  const folders = existsSync(rescued) ? readdirSync(rescued).map((name) => join(rescued, name)) : [];
  return [tree("stage-1"), ...folders]
    .map((folder) => join(folder, ".okstra/mine.txt"))
    .filter((path) => existsSync(path))
    .map((path) => rig.read(path));
}
