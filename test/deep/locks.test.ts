/** Both kinds of lock under more processes and more kills than the main suite has time for. */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, test } from "vitest";
import { hammer, puppetFolder } from "../fixtures/lock-puppets.ts";

let folder = "";
beforeAll(async () => {
  folder = await puppetFolder();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(["flock", "link"] as const)("%s: twenty processes, four rounds, half of them killed", async (kind) => {
  for (let round = 0; round < 4; round += 1) {
    rmSync(`${folder}/count-${kind}`, { force: true });
    await hammer(folder, kind, { processes: 20, doomed: 10, cycles: 100 });
  }
});
