import { expect, test } from "vitest";
import { shapeOf } from "./fix-loop.ts";

test.each([
  ["nothing blocked at once", [[]], "converging"],
  ["all was settled", [["a"], []], "converging"],
  ["fewer each time", [["a", "b"], ["a"]], "converging"],
  ["the very same", [["a"], ["a"]], "stagnant"],
  ["as many, but others", [["a"], ["b"]], "rotating"],
  ["one that was settled came back", [["a"], ["b"], ["a"]], "oscillating"],
] as const)("%s", (_, rounds, shape) => {
  expect(shapeOf(rounds)).toBe(shape);
});
