/** One process, no lock: durable atomic writes of a small file, one after the other; milliseconds of each. */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { nodeHost } from "../../src/host/node/index.ts";

export type DurableAsk = {
  readonly way: "floor" | "write-file-atomic" | "okstra";
  readonly file: string;
  readonly writes: number;
  readonly peers: string;
};

const ask = JSON.parse(process.argv[2] ?? "") as DurableAsk;
const text = JSON.stringify({ count: 0 });
const write = { floor, "write-file-atomic": peer, okstra: ours }[ask.way]();
const begun = performance.now();
for (let at = 0; at < ask.writes; at += 1) await write();
process.stdout.write(String((performance.now() - begun) / ask.writes));

function floor() {
  return async (): Promise<void> => {
    const fd = openSync(`${ask.file}.new`, "w");
    writeSync(fd, text);
    fsyncSync(fd);
    closeSync(fd);
    renameSync(`${ask.file}.new`, ask.file);
    const folder = openSync(dirname(ask.file), "r");
    fsyncSync(folder);
    closeSync(folder);
  };
}

function peer(): () => Promise<void> {
  const writeFileAtomic = createRequire(ask.peers)("write-file-atomic") as (
    file: string,
    text: string,
  ) => Promise<void>;
  return () => writeFileAtomic(ask.file, text);
}

function ours(): () => Promise<void> {
  const { files } = nodeHost({ env: process.env, packageRoot: "/" });
  return () => files.replaceFile(ask.file, text, { durable: true });
}
