/** Several projects share a home: what is wrong with one keeps nobody from working in another. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { approvedTasks, openApproved } from "../rig/races.ts";

type Trees = { readonly entries: readonly { readonly key: string; readonly why?: readonly string[] }[] };

test("a repository that git cannot read, or that is gone, is named, and the trees of others are listed, pruned and looked over", async () => {
  await using ground = await openApproved();
  const { rig } = ground;
  const [own, , elsewhere] = await approvedTasks(rig);
  const restore = rig.keep();
  const broken = {
    "git cannot read it": () => rig.write(join(elsewhere.rig.root, ".git/config"), "[core\n"),
    "it is gone": () => rmSync(elsewhere.rig.root, { recursive: true }),
  };
  for (const [what, breaks] of Object.entries(broken)) {
    restore();
    breaks();
    const listed = await rig.okstra(["worktree", "list", "--all"]);
    expect([what, listed.code, listed.stderr]).toEqual([what, 0, ""]);
    expect(listed.stdout).toMatch(new RegExp(`${elsewhere.key} +active +its repository cannot be read`));
    expect(listed.stdout).toMatch(new RegExp(`${own.key} +active +no commits yet`));
    const pruned = await rig.okstra(["worktree", "prune", "--all", "--json"]);
    expect([what, pruned.code]).toEqual([what, 0]);
    const { entries } = pruned.json<Trees>();
    expect(entries.map(({ key }) => key)).toEqual([own.key, "calc/math/more", elsewhere.key]);
    expect(entries.at(-1)?.why).toEqual([expect.stringMatching(/git|gone/)]);
    for (const more of [[], ["--fix"]]) {
      const doctor = await rig.okstra(["doctor", "--json", ...more]);
      const { checks } = doctor.json<{ checks: { id: string; ok: boolean; message: string }[] }>();
      const repository = checks.find(({ id }) => id === `repository:${join(elsewhere.rig.root, ".git")}`);
      expect([what, repository?.ok, repository?.message]).toEqual([
        what,
        false,
        "the repository of 1 registered worktree is gone, or git cannot read it",
      ]);
    }
  }
});
