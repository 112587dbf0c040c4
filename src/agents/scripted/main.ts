/**
 * The program of the scripted agent, started by its driver like any agent: prompt on stdin, stream on stdout. It keeps nothing
 * between runs: what it does follows from the scenario and its arguments alone. It is a program of its own and no part of okstra's
 * process, so it reads files and starts git itself.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { Fault } from "../../model/index.ts";
import { readInvocation } from "./arguments.ts";
import { chooseEntry, describe } from "./match.ts";
import { ActFailed } from "./part.ts";
import { play } from "./play.ts";
import { fromHanded, handedFile, scenarioIn } from "./read.ts";
import type { Scenario } from "./scenario.schema.ts";
import { say } from "./voice.ts";

void main().then((code) => {
  process.exitCode = code;
});

async function main(): Promise<number> {
  try {
    const { address, ...asked } = readInvocation(process.argv.slice(2));
    await text(process.stdin);
    const scenario = await scenarioAt(asked.scenario);
    const entry = chooseEntry(scenario, address);
    if (entry === undefined) return await failed(`${asked.scenario} has no entry for ${describe(address)}`);
    const family = scenario.families[address.worker];
    if (family === undefined) return await failed(`${asked.scenario} gives no family for the worker ${address.worker}`);
    const model = entry.modelServed ?? scenario.models?.[address.worker] ?? asked.model ?? "scripted";
    const folder = dirname(asked.scenario);
    return await play({ address, entry, folder, cwd: process.cwd(), session: asked.session, model, family });
  } catch (thrown) {
    if (thrown instanceof ActFailed || thrown instanceof Fault) return await failed(thrown.message);
    throw thrown;
  }
}

/** As okstra has read it already, or read here. */
async function scenarioAt(path: string): Promise<Scenario> {
  const text = readFileSync(path, "utf8");
  const handed = join(process.env["HOME"] ?? "/", handedFile);
  const known = existsSync(handed) ? fromHanded(readFileSync(handed, "utf8"), text) : undefined;
  if (known !== undefined) return known;
  return await scenarioIn(text, path);
}

async function failed(reason: string): Promise<number> {
  await say({ type: "failed", reason, kind: "deterministic" });
  return 1;
}
