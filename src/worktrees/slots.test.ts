import fc from "fast-check";
import { expect, test } from "vitest";
import { freeSlot, portBase, portsPerSlot, slotEnvironment } from "./slots.ts";

test("the free slot is the lowest that nobody has", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (used) => {
      const slot = freeSlot(used);
      expect(used).not.toContain(slot);
      for (let lower = 0; lower < slot; lower += 1) expect(used).toContain(lower);
    }),
  );
});

test("a slot at one of whose ports somebody listens is not free", () => {
  expect(freeSlot([], new Set([19_999, 20_019, 20_040, 443]))).toBe(1);
  expect(freeSlot([1], new Set([20_000, 20_045]))).toBe(3);
});

test("ports of two slots never meet and stay ports", () => {
  const bases = Array.from({ length: 2_250 }, (_, slot) => portBase(slot)).sort((a, b) => a - b);
  for (const [index, base] of bases.entries())
    if (index > 0) expect(base - (bases[index - 1] ?? 0)).toBeGreaterThanOrEqual(portsPerSlot);
  expect(bases[0]).toBe(20_000);
  expect((bases.at(-1) ?? 0) + portsPerSlot).toBeLessThanOrEqual(65_535);
});

test("a slot's variables", () => {
  expect(slotEnvironment(3, "/tmp/x")).toEqual({ OKSTRA_SLOT: "3", OKSTRA_PORT_BASE: "20060", TMPDIR: "/tmp/x" });
});
