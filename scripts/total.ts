/** `tsx scripts/total.ts main deep`: prints the count of these suites together; fails when anything failed. */
import { line, recall, sum } from "./tally.ts";

const total = sum(process.argv.slice(2).map(recall));
console.log(line(total));
process.exitCode = total.failed > 0 ? 1 : 0;
