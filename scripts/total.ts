/** `tsx scripts/total.ts main deep`: what failed in these suites, what was skipped and why, then their count together; fails when anything failed. */
import { line, recall, remarks, sum } from "./tally.ts";

const total = sum(process.argv.slice(2).map(recall));
for (const failure of total.failures) console.log(failure);
for (const remark of remarks(total)) console.log(remark);
console.log(line(total));
process.exitCode = total.failed > 0 ? 1 : 0;
