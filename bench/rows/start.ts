/** What a start costs when there is nothing to do. */
import { okstra, type Row } from "../bench.ts";
import { line, most, quoted } from "../line.ts";
import { besideNode, memoryOf, nothing } from "../programs.ts";

const row = "start";
const peers = [quoted("ccusage 20", 40), quoted("openspec", 220), quoted("gemini", 1300)];

export const start: Row = {
  name: row,
  async measure(bench) {
    const commands = [["--version"], ["--help"], ["run", "--help"]].map((args) => ({
      what: `okstra ${args.join(" ")}`,
      order: { command: [process.execPath, okstra, ...args] as const },
    }));
    const times = await besideNode(
      bench,
      commands.map((command, at) => ({ row, ...command, target: most(1.35, "ratio"), peers: at === 0 ? peers : [] })),
    );
    const floor = { what: "node -e 0", value: await memoryOf(bench, { command: nothing }) };
    const memory = [];
    for (const { what, order } of commands.slice(0, 2)) {
      const ours = await memoryOf(bench, order);
      const ratio = ours / floor.value;
      memory.push(line({ row, what: `${what}: memory`, unit: "MiB", floor, ours, ratio, target: most(44) }));
    }
    return [...times, ...memory];
  },
};
