/**
 * The client program between okstra and an agent that speaks the Agent Client Protocol: prompt on stdin, and on stdout every line of
 * the agent as it came, with its own between them. One process for one question, as every agent is asked; it starts the agent as
 * its child, in its own process group, and ends with it. It is a program of its own and no part of okstra's process.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { isObject, type Said } from "../drivers/lines.ts";
import { converse } from "./conversation.ts";
import { lineReader } from "./line-reader.ts";
import { type ClientSays, clientLine } from "./protocol.ts";

/** How long an agent may take to end once its stdin is closed. */
const lingerMs = 2_000;

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});

async function main(argv: readonly string[]): Promise<number> {
  const split = argv.indexOf("--");
  const [program, ...args] = argv.slice(split + 1);
  const { values } = parseArgs({
    args: argv.slice(0, split),
    options: {
      access: { type: "string" },
      session: { type: "string" },
      first: { type: "string" },
      probe: { type: "boolean" },
      mode: { type: "string" },
      model: { type: "string" },
      writable: { type: "string", multiple: true },
    },
  });
  if (program === undefined) throw new Error("no agent is named");
  const prompt = await text(process.stdin);
  const first = values.first === undefined ? null : readFileSync(values.first, "utf8");
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const exited = new Promise<number>((resolve) => {
    child.once("error", (cause) => {
      say({ okstra: "failed", reason: `cannot be started: ${cause.message}`, kind: "deterministic" });
      resolve(1);
    });
    child.once("close", (code) => resolve(code ?? 1));
  });
  // It may go at any time; what that means, its exit says.
  child.stdin.on("error", () => undefined);
  let answered = false;
  const hear = converse(
    {
      prompt,
      first,
      probe: values.probe === true,
      session: values.session ?? null,
      mode: values.mode ?? null,
      model: values.model ?? null,
      rules: {
        access: values.access === "workspace-write" ? "workspace-write" : "read-only",
        cwd: process.cwd(),
        writable: values.writable ?? [],
      },
    },
    {
      send: (message) => child.stdin.write(`${JSON.stringify(message)}\n`),
      say,
      over: (success) => {
        answered = success;
        child.stdin.end();
        setTimeout(() => child.kill("SIGTERM"), lingerMs).unref();
      },
    },
  );
  const read = lineReader({
    pass: (bytes) => {
      if (!process.stdout.write(bytes)) child.stdout.pause();
    },
    line: (line) => {
      const message = messageIn(line);
      if (message !== undefined) hear(message);
    },
  });
  process.stdout.on("drain", () => child.stdout.resume());
  // Nobody listens any more: there is nobody left to ask for.
  process.stdout.on("error", () => process.exit(1));
  child.stdout.on("data", read);
  const code = await exited;
  return answered ? 0 : code === 0 ? 1 : code;
}

function say(said: ClientSays): void {
  process.stdout.write(clientLine(said));
}

function messageIn(line: string): Said | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined; // the driver counts what it cannot read
  }
}
