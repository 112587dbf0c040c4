/** Room usage: what agents cost, and the budgets that bound it. */
import { door } from "../model/index.ts";
import * as ledger from "./budget-ledger.ts";

export {
  amount,
  type Limits,
  leftOf,
  overIn,
  type Projection,
  plainAmount,
  type Standing,
  shortageOf,
  tokensOf,
  type Unit,
  type Who,
  warningsOf,
} from "./budget.ts";
export type { BudgetPlace, Reservation } from "./budget-ledger.ts";
export { hasPrice, type Priced, type Prices, priced, pricedAtLeast } from "./prices.ts";

export const reserve = door(ledger.reserve);
export const settle = door(ledger.settle);
export const free = door(ledger.free);
export const lookAtBudget = door(ledger.lookAtBudget);
export const taskRows = door(ledger.taskRows);
