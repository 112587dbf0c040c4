import fc from "fast-check";
import { expect, test } from "vitest";
import { taskTypes } from "../../model/index.ts";
import { type Address, purposes, roles } from "../contract.ts";
import { chooseEntry, describe, fits } from "./match.ts";
import type { Scenario, When } from "./scenario.schema.ts";

const worker = fc.constantFrom("claude", "codex", "gemini");
const small = fc.integer({ min: 1, max: 3 });
const address: fc.Arbitrary<Address> = fc.record({
  worker,
  role: fc.constantFrom(...roles),
  purpose: fc.constantFrom(...purposes),
  taskType: fc.constantFrom(...taskTypes),
  stage: fc.option(small),
  round: fc.option(small),
  attempt: small,
  reask: fc.integer({ min: 0, max: 2 }),
});
const one = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> => fc.oneof(value, fc.array(value, { maxLength: 3 }));
const when: fc.Arbitrary<When> = fc.record(
  {
    role: one(fc.constantFrom(...roles)),
    worker: one(worker),
    taskType: one(fc.constantFrom(...taskTypes)),
    stage: one(small),
    purpose: one(fc.constantFrom(...purposes)),
    round: one(small),
    attempt: one(small),
    reask: one(fc.integer({ min: 0, max: 2 })),
  },
  { requiredKeys: [] },
);
const exact = (of: Address): When =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => value !== null)) as unknown as When;
const scenario = (...whens: readonly When[]): Scenario => ({
  schemaVersion: 1,
  families: {},
  entries: whens.map((each, index) => ({ when: each, exit: index })),
});

test("an empty when fits everyone, one made of an address fits that address", () => {
  fc.assert(
    fc.property(address, (of) => {
      expect(fits({}, of)).toBe(true);
      expect(fits(exact(of), of)).toBe(true);
    }),
  );
});

test("a when fits as a whole exactly if each of its keys does, in any order", () => {
  fc.assert(
    fc.property(address, when, (of, wanted) => {
      const each = Object.entries(wanted).map(([key, value]) => fits({ [key]: value }, of));
      expect(fits(wanted, of)).toBe(each.every(Boolean));
      expect(fits(Object.fromEntries(Object.entries(wanted).reverse()), of)).toBe(fits(wanted, of));
    }),
  );
});

test("a list fits if one of its values does; what the address lacks fits no value", () => {
  fc.assert(
    fc.property(address, fc.array(small, { maxLength: 4 }), (of, rounds) => {
      expect(fits({ round: rounds }, of)).toBe(of.round !== null && rounds.includes(of.round));
    }),
  );
});

test("the first entry that fits plays, whatever comes after it", () => {
  fc.assert(
    fc.property(address, fc.array(when, { minLength: 1, maxLength: 6 }), fc.array(when), (of, whens, more) => {
      const first = whens.findIndex((each) => fits(each, of));
      expect(chooseEntry(scenario(...whens), of)?.exit).toBe(first === -1 ? undefined : first);
      if (first !== -1) expect(chooseEntry(scenario(...whens, ...more), of)?.exit).toBe(first);
    }),
  );
});

test("an address reads as a person would say it", () => {
  const of = {
    worker: "claude",
    role: "verifier",
    purpose: "verify",
    taskType: "implementation",
    stage: 2,
    round: 1,
    attempt: 1,
    reask: 1,
  } as const;
  expect(describe(of)).toBe("verifier claude, implementation, verify, stage 2, round 1, attempt 1, asked again (1)");
});
