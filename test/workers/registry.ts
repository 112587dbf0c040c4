/**
 * A process that writes to a home and a project while others do the same. Says `ready`, waits for a line on stdin so that all
 * begin together, does its part, and exits 0. Arguments: what to do, home, project root, its own number, how often.
 */
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { nodeHost } from "../../src/host/node/index.ts";
import { take } from "../../src/model/index.ts";
import { appendIndex, appendLedger, changeRegistry, openHome, updateCatalog } from "../../src/registry/index.ts";
import { entryOf, indexRowOf, rowOf } from "./registry-rows.ts";

const [what = "", home = "", projectRoot = "", self = "", times = ""] = process.argv.slice(2);
const host = nodeHost({ env: process.env, packageRoot: fileURLToPath(new URL("../..", import.meta.url)) });
const place = { host, home, projectRoot, key: { project: "Shop", group: "Q3", task: "Cart" } };

const parts: Record<string, (number: number) => Promise<unknown>> = {
  home: () => openHome(host, home),
  ledger: (number) => appendLedger(host, place, rowOf({ stage: Number(self), attempt: number })),
  /** All say the same. */
  same: (number) => appendLedger(host, place, rowOf({ stage: number })),
  registry: (number) =>
    changeRegistry(host, home, "race", (registry) => {
      const name = `shop/q3/cart#stage-${number}`;
      if (registry.entries[name] !== undefined) return undefined;
      return { ...registry, entries: { ...registry.entries, [name]: entryOf(number, `run of ${self}`) } };
    }),
  catalog: (number) =>
    updateCatalog(
      host,
      home,
      { projectId: "Shop", projectRoot },
      {
        key: `Shop/Q3/T-${self}-${number}`,
        title: "t",
        phase: "error-analysis",
        outcome: null,
        updatedAt: "2026-11-21T00:00:00.000Z",
      },
    ),
  index: (number) =>
    appendIndex(host, home, indexRowOf(`Shop/Q3/T-${self}@error-analysis#${String(number).padStart(3, "0")}`)),
};

const part = parts[what];
if (part === undefined) throw new Error(`no part ${what}`);
process.stdout.write("ready\n");
await once(process.stdin, "data");
process.stdin.destroy();
for (let number = 1; number <= Number(times); number++) {
  const result = await part(number);
  if (typeof result === "object" && result !== null && "ok" in result) take(result as Parameters<typeof take>[0]);
}
