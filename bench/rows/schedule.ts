/** Large stage maps: all of a schedule, from laying it out to its last stage. */
import type { Row } from "../bench.ts";
import { line, most } from "../line.ts";
import { median, ratioOf } from "../numbers.ts";
import type { Scheduled } from "../workers/schedule.ts";

const sizes = [
  { stages: 10_000, limit: 5 },
  { stages: 100_000, limit: 60 },
];

export const schedules: Row = {
  name: "schedule",
  async measure(bench) {
    const lines = [];
    for (const { stages, limit } of sizes) {
      const found = await bench.work<Scheduled>("schedule", { stages, rounds: 15, rescan: stages <= 10_000 });
      const ours = median(found.ours);
      const of = `${stages / 1000}k stages`;
      lines.push(
        line({
          row: "schedule",
          what: `${of}, from map to last stage`,
          unit: "ms",
          floor: { what: "plain typed arrays", value: median(found.floor) },
          peers: found.rescan === null ? [] : [{ what: "rescan of the list", value: found.rescan }],
          ours,
          ratio: ratioOf(found.ours, found.floor),
          target: most(limit),
        }),
        line({
          row: "schedule",
          what: `${of}, each completion`,
          unit: "us",
          ours: (median(found.draining) * 1000) / stages,
          target: most(1),
        }),
      );
    }
    return lines;
  },
};
