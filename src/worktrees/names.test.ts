import fc from "fast-check";
import { expect, test } from "vitest";
import { Fault } from "../model/index.ts";
import { isBranchName, otherBranch, planBranch } from "./names.ts";

const key = { project: "Shop", group: "Q3 Login", task: "Fix the Cart!" };

test("a task's branch is prefix and segment; a stage adds its number, and its plan from the second on", () => {
  const ask = { key, prefix: "fix", planNumber: 1 };
  expect(planBranch({ ...ask, stage: null })).toBe("fix-fix-the-cart");
  expect(planBranch({ ...ask, stage: 3 })).toBe("fix-fix-the-cart-s3");
  expect(planBranch({ ...ask, stage: 3, planNumber: 2 })).toBe("fix-fix-the-cart-p2-s3");
  expect(planBranch({ ...ask, stage: null, planNumber: 2 })).toBe("fix-fix-the-cart");
});

test("a chosen name stands for prefix and task", () => {
  const ask = { key, prefix: "fix", chosen: "team/cart", planNumber: 1 };
  expect(planBranch({ ...ask, stage: null })).toBe("team/cart");
  expect(planBranch({ ...ask, stage: 2 })).toBe("team/cart-s2");
  expect(planBranch({ ...ask, chosen: null, stage: null })).toBe("fix-fix-the-cart");
  expect(otherBranch(key, "fix")).toBe("fix-q3-login-fix-the-cart");
});

test("a chosen name that git would not take is refused", () => {
  for (const chosen of [
    "",
    "a b",
    "-x",
    "a..b",
    "a.lock",
    "x/.y",
    "x//y",
    "x/",
    "HEAD",
    "@",
    "a@{b",
    "a~1",
    "a\u0007",
    "end.",
  ]) {
    expect(() => planBranch({ key, prefix: "fix", chosen, stage: null, planNumber: 1 }), chosen).toThrow(Fault);
  }
});

test("every key gives a branch that git takes", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.option(fc.integer({ min: 1, max: 99 })),
      fc.integer({ min: 1, max: 9 }),
      (task, stage, planNumber) => {
        expect(isBranchName(planBranch({ key: { ...key, task }, prefix: "feat", stage, planNumber }))).toBe(true);
      },
    ),
  );
});
