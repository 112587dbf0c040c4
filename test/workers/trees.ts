/**
 * A process that makes worktrees in one repository while others do the same. Says `ready`, waits for a line on stdin, makes its part,
 * says what failed, and exits 0. Arguments: the repository's root, the home, a folder for the trees, its own number, how many, the base.
 */
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeHost } from "../../src/host/node/index.ts";
import { take } from "../../src/model/index.ts";
import { addTree, fillTree, findRepository } from "../../src/worktrees/index.ts";

const [root = "", home = "", trees = "", self = "", times = "", base = ""] = process.argv.slice(2);
const host = nodeHost({ env: process.env, packageRoot: fileURLToPath(new URL("../..", import.meta.url)) });
const repository = take(await findRepository(host, root));
const commit = await host.git.resolve(root, `${base}^{commit}`);
if (repository === undefined || commit === undefined) throw new Error(`no repository, or no ${base}`);
const provision = { syncDirs: [], copyFiles: [], cloneDirs: [], setup: [] };
process.stdout.write("ready\n");
await once(process.stdin, "data");
process.stdin.destroy();
for (let number = 1; number <= Number(times); number += 1) {
  const name = `tree-${self}-${number}`;
  const path = join(trees, name);
  take(await addTree(host, home, { repository, path, branch: name, commit, newBranch: true }));
  take(await fillTree(host, { repository, path, provision, env: {}, logPath: join(home, `${name}.log`) }));
}
// All want the same branch; one gets it.
const path = join(trees, `shared-${self}`);
const shared = await addTree(host, home, { repository, path, branch: "shared", commit, newBranch: true });
if (!shared.ok && shared.error.reason !== "branch-taken") throw new Error(shared.error.message);
