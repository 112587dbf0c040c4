/** Plays random histories in processes of their own, and says what was wrong in any. */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { bundled } from "../race.ts";
import type { Directed } from "../workers/director.ts";
import { memoryFolder } from "./memory.ts";
import { ranOf } from "./rig.ts";

/** As many histories from this seed on, in so many lanes side by side; in memory where that is a folder. */
export async function direct(first: number, many: number, lanes = 1): Promise<Directed> {
  const folder = await bundled("director", "histories");
  const env = { PATH: process.env["PATH"], TMPDIR: memoryFolder() };
  const each = Math.ceil(many / lanes);
  try {
    const told = await Promise.all(
      Array.from({ length: lanes }, async (_, lane) => {
        const [from, count] = [first + lane * each, Math.min(each, many - lane * each)];
        const args = [join(folder, "director.js"), String(from), String(count), join(folder, "histories.js")];
        // Ends with this process: its input is a pipe that nobody else holds.
        const ran = await ranOf(spawn(process.execPath, args, { env, stdio: "pipe" }));
        if (ran.code !== 0) throw new Error(`a director ended with ${ran.code ?? ran.signal}: ${ran.stderr}`);
        return ran.json<Directed>();
      }),
    );
    return {
      steps: told.reduce((sum, { steps }) => sum + steps, 0),
      kills: told.reduce((sum, { kills }) => sum + kills, 0),
      wrong: told.flatMap(({ wrong }) => wrong),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
