/** `tsx scripts/total.ts main deep`: what failed in these suites, then their count together; fails when anything failed. */
import { line, recall, sum } from "./tally.ts";

const total = sum(process.argv.slice(2).map(recall));
for (const failure of total.failures) console.log(failure);
console.log(line(total));
process.exitCode = total.failed > 0 ? 1 : 0;
