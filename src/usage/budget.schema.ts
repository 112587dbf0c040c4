/** Rows of the budget ledger (`<home>/budget/`). Append-only; the last row of an id counts. Code imports types only. */
import { z } from "zod";

export const budgetRow = z.strictObject({
  schemaVersion: z.literal(1),
  /** The dispatch's mark: unique over all runs. */
  id: z.string().min(1),
  /** `reserved` before the agent starts, `settled` with what it used, `freed` when it never started. */
  state: z.enum(["reserved", "settled", "freed"]),
  time: z.string(),
  /** UTC day on which it was reserved. */
  day: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  run: z.string(),
  task: z.string(),
  worker: z.string(),
  role: z.string(),
  agent: z.string(),
  model: z.string(),
  /** Null where the model has no price: then it counts in tokens alone. */
  usd: z.number().min(0).nullable(),
  tokens: z.number().min(0),
  /** The agent did not say what it used: the projection counts. */
  projected: z.boolean(),
  /** Who reserved it; the reservation of a dead process counts for nothing. */
  holder: z.strictObject({ machine: z.string(), pid: z.int(), startTime: z.string(), bootId: z.string() }),
});

export type BudgetRow = z.infer<typeof budgetRow>;

export const schemas = { "budget-row": budgetRow };
