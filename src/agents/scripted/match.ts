/** Which entry of a scenario plays: the first whose `when` fits who is asked for what. Pure and without memory. */
import type { Address } from "../contract.ts";
import type { Entry, Scenario, When } from "./scenario.schema.ts";

export const chooseEntry = (scenario: Scenario, address: Address): Entry | undefined =>
  scenario.entries.find(({ when }) => fits(when, address));

/** A key left out fits everything; a key given fits one of its values, and never what the address does not have. */
export const fits = (when: When, address: Address): boolean =>
  fitsOne(when.role, address.role) &&
  fitsOne(when.worker, address.worker) &&
  fitsOne(when.taskType, address.taskType) &&
  fitsOne(when.stage, address.stage) &&
  fitsOne(when.purpose, address.purpose) &&
  fitsOne(when.round, address.round) &&
  fitsOne(when.attempt, address.attempt) &&
  fitsOne(when.reask, address.reask) &&
  fitsOne(when.checked, address.checked ?? 0);

function fitsOne<T>(wanted: T | readonly T[] | undefined, actual: T | null): boolean {
  if (wanted === undefined) return true;
  if (actual === null) return false;
  return Array.isArray(wanted) ? wanted.includes(actual) : wanted === actual;
}

/** The address as a person reads it: `analyser claude, error-analysis, blind, attempt 1`. */
export function describe(address: Address): string {
  const { role, worker, taskType, stage, purpose, round, attempt, reask, checked = 0 } = address;
  const parts = [`${role} ${worker}`, taskType, purpose];
  if (stage !== null) parts.push(`stage ${stage}`);
  if (round !== null) parts.push(`round ${round}`);
  parts.push(`attempt ${attempt}`);
  if (reask > 0) parts.push(`asked again (${reask})`);
  if (checked > 0) parts.push(`given its checks (${checked})`);
  return parts.join(", ");
}
