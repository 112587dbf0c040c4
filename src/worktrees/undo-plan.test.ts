import fc from "fast-check";
import { expect, test } from "vitest";
import { planUndo, type Seen } from "./undo.ts";

const base = "b".repeat(40);
const head = "1".repeat(40);
const tip = "2".repeat(40);

const anything: fc.Arbitrary<Seen> = fc.record({
  folder: fc.constantFrom("absent", "shell", "tree", "orphan", "foreign"),
  registered: fc.boolean(),
  head: fc.constantFrom(null, base, head, tip),
  unsaved: fc.constantFrom(null, "5".repeat(40)),
  branchHead: fc.constantFrom(null, base, head, tip),
  branchHolder: fc.constantFrom(null, "/else/where"),
  headInBranch: fc.boolean(),
  beyondBase: fc.subarray([head, tip]),
});

test("whatever is taken away and holds something the base does not is kept first", () => {
  fc.assert(
    fc.property(anything, fc.boolean(), (seen, newBranch) => {
      // What a commit holds beyond the base, the branch that holds the commit holds too.
      const headBeyond = seen.head !== null && seen.beyondBase.includes(seen.head);
      fc.pre(
        !seen.headInBranch || (seen.branchHead !== null && (!headBeyond || seen.beyondBase.includes(seen.branchHead))),
      );
      const plan = planUndo({ path: "/t", branch: "feat-x", newBranch, baseCommit: base }, seen);
      const kept: readonly string[] = plan.keep?.commits ?? [];
      if (plan.deleteBranch !== null && seen.beyondBase.includes(plan.deleteBranch))
        expect(kept).toContain(plan.deleteBranch);
      if (seen.head !== null && seen.beyondBase.includes(seen.head)) {
        const branchIsSafe = plan.deleteBranch === null || kept.includes(plan.deleteBranch);
        expect(kept.includes(seen.head) || (seen.headInBranch && branchIsSafe)).toBe(true);
      }
      if (seen.unsaved !== null) expect(plan.keep?.state).toBe(seen.unsaved);
      if (seen.folder === "foreign") expect([plan.folder, plan.forget]).toEqual(["none", false]);
      if (seen.folder === "orphan") expect(plan.folder).toBe("keep");
      if (!newBranch || seen.branchHolder !== null) expect(plan.deleteBranch).toBeNull();
    }),
    { numRuns: 1_000 },
  );
});

test("an unused tree leaves no rescue ref", () => {
  const seen: Seen = {
    folder: "tree",
    registered: true,
    head: base,
    unsaved: null,
    branchHead: base,
    branchHolder: null,
    headInBranch: true,
    beyondBase: [],
  };
  expect(planUndo({ path: "/t", branch: "feat-x", newBranch: true, baseCommit: base }, seen)).toEqual({
    keep: null,
    folder: "trash",
    forget: true,
    deleteBranch: base,
    notes: [],
  });
});
