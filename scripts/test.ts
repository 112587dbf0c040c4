/**
 * `npm test` (suite main) and `npm run test:deep`: builds what is stale, then checks and tests. The static checks run side
 * by side first, each counting as one test; tests have the machine to themselves. More arguments go to vitest, and then
 * the static checks are left out: `npm test -- architecture`.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { freshen, root, tool } from "./fresh.ts";
import { cache, failure, forget, keep, line, none, remarks, sum, type Tally, tallyOfVitest } from "./tally.ts";

const checks: Readonly<Record<string, readonly string[]>> = {
  lint: ["biome", "check"],
  typecheck: ["tsc"],
  deadcode: ["knip"],
};

const [suite = "main", ...chosen] = process.argv.slice(2);
mkdirSync(cache(""), { recursive: true });
forget(suite);
freshen();
const named = suite === "main" && chosen.length === 0 ? Object.entries(checks) : [];
const checked = await Promise.all(named.map(([name, command]) => check(name, command)));
const total = sum([...checked, await vitest()]);
keep(suite, total);
for (const remark of remarks(total)) console.log(remark);
console.log(line(total));
process.exitCode = total.failed > 0 ? 1 : 0;

async function check(name: string, command: readonly string[]): Promise<Tally> {
  const started = Date.now();
  const { code, output } = await run(command, "pipe");
  const took = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${code === 0 ? "✓" : "✗"} ${name} (${took} s)`);
  if (code === 0) return { ...none, passed: 1 };
  console.log(output);
  return failure(name, output);
}

async function vitest(): Promise<Tally> {
  const report = cache(`vitest-${suite}.json`);
  rmSync(report, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const memory = suite === "main" ? folderInMemory() : undefined;
  try {
    const env = memory === undefined ? process.env : { ...process.env, TMPDIR: memory };
    const { code } = await run(["vitest", "run", "--project", suite, ...reporters, ...chosen], "inherit", env);
    return tallyOfVitest(report, code);
  } finally {
    if (memory !== undefined) rmSync(memory, { recursive: true, force: true });
  }
}

/**
 * Where the main suite makes its repositories, where the machine has room: no disk to wait for makes it a fifth quicker. The
 * deep suite stays on the disk, so both are tried.
 */
function folderInMemory(): string | undefined {
  const shared = "/dev/shm";
  if (!existsSync(shared)) return undefined;
  const { bavail, bsize } = statfsSync(shared);
  return bavail * bsize >= 4 * 2 ** 30 ? mkdtempSync(`${shared}/okstra-tests-`) : undefined;
}

function run([name = "", ...args]: readonly string[], out: "pipe" | "inherit", env = process.env) {
  return new Promise<{ code: number; output: string }>((resolve, reject) => {
    let output = "";
    const child = spawn(tool(name), args, { cwd: root, env, stdio: ["ignore", out, out] });
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += String(chunk)));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
