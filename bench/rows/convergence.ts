/** What several workers found, brought together. */
import type { Row } from "../bench.ts";
import { line, most } from "../line.ts";
import { median } from "../numbers.ts";
import type { Converged } from "../workers/convergence.ts";

export const convergence: Row = {
  name: "convergence",
  async measure(bench) {
    const found: Converged[] = [];
    for (let at = 0; at < 9; at += 1) found.push(await bench.work<Converged>("convergence", { count: 500 }));
    const row = "convergence";
    return [
      line({
        row,
        what: "500 findings of 5 workers, grouped and settled in rounds",
        unit: "ms",
        ours: median(found.map(({ first }) => first)),
        target: most(50),
        note: `${found[0]?.items} items; ${median(found.map(({ warm }) => warm)).toFixed(1)} ms when warm`,
      }),
      line({
        row,
        what: "the same: other bytes in 10 orders, 9 processes",
        unit: "",
        ours: found.filter(({ same }) => !same).length,
        target: most(0),
      }),
    ];
  },
};
