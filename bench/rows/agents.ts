/** A child that is an agent: started, heard, and known to have ended. */
import { join } from "node:path";
import type { Row } from "../bench.ts";
import { line, most, quoted } from "../line.ts";
import { median, percentile, ratioOf } from "../numbers.ts";
import type { Dispatched, DispatchesAsk, Own, Streamed } from "../workers/dispatches.ts";

export const workerDone: Row = {
  name: "done",
  async measure(bench) {
    const ask: DispatchesAsk = { what: "done", folder: join(bench.folder, "done"), rounds: 200 };
    const { floor, ours } = await bench.work<Dispatched>("dispatches", ask);
    const peers = [quoted("a poll every 3 s", 1500)];
    const ratio = ratioOf(ours, floor);
    const row = "done";
    return [
      line({
        row,
        what: "from a worker's last word to its settled dispatch: p95",
        unit: "ms",
        floor: { what: "Node's own close event", value: percentile(floor, 0.95) },
        ours: percentile(ours, 0.95),
        target: most(5),
      }),
      line({
        row,
        what: "the same: median",
        unit: "ms",
        floor: { what: "Node's own close event", value: median(floor) },
        peers,
        ours: median(ours),
        ratio,
      }),
    ];
  },
};

export const startAgent: Row = {
  name: "agent",
  async measure(bench) {
    const folder = join(bench.folder, "agent");
    const found = await bench.work<Dispatched>("dispatches", { what: "start", folder, rounds: 200 });
    const own = await bench.work<Own>("dispatches", { what: "among", folder, rounds: 200 });
    const streamed = await bench.work<Streamed>("dispatches", { what: "stream", folder, rounds: 0 });
    const row = "agent";
    return [
      line({
        row,
        what: "start an agent: until its first line is heard",
        unit: "ms",
        floor: { what: "spawn", value: median(found.floor) },
        peers: [quoted("execa, above spawn", 0.5)],
        ours: median(found.ours),
        ratio: ratioOf(found.ours, found.floor),
        target: most(2),
      }),
      line({
        row,
        what: "the same among 20 that stream: processor time of who starts it",
        unit: "ms",
        floor: { what: "spawn", value: own.floor },
        ours: own.ours,
        ratio: own.ours / own.floor,
        target: most(2),
      }),
      line({
        row,
        what: "20 agents streaming: memory of the process that hears them",
        unit: "MiB",
        floor: { what: "before they start", value: streamed.before },
        ours: streamed.most,
        ratio: streamed.most / streamed.before,
        target: most(90),
        note: `${Math.round(streamed.megabytes)} MB in all`,
      }),
    ];
  },
};
