/** The run index of a home, read from its end and added to. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { nodeHost } from "../../src/host/node/index.ts";
import { homePaths } from "../../src/lifecycle/index.ts";
import { take } from "../../src/model/index.ts";
import { appendIndex, readIndex } from "../../src/registry/index.ts";
import type { IndexRow } from "../../src/registry/registry.schema.ts";
import { interleave } from "../numbers.ts";

/** Milliseconds of each way. */
export type Indexed = Readonly<Record<"tail" | "whole" | "newest" | "append", readonly number[]>>;

const { home, rounds } = JSON.parse(process.argv[2] ?? "") as { home: string; rounds: number };
const host = nodeHost({ env: process.env, packageRoot: "/" });
const { recent } = homePaths(home);
const [row] = take(await readIndex(host, home, 1));
if (row === undefined) throw new Error("the index is empty");

const timed = (body: () => unknown) => async (): Promise<number> => {
  const begun = performance.now();
  await body();
  return performance.now() - begun;
};

const found = await interleave(rounds, {
  tail: timed(() => parsed(tail(65_536))),
  newest: timed(async () => take(await readIndex(host, home, 20))),
  whole: timed(() => parsed(readFileSync(recent, "utf8"))),
  append: timed(async () => take(await appendIndex(host, home, row))),
});
process.stdout.write(JSON.stringify(found satisfies Indexed));

function parsed(text: string): IndexRow[] {
  const whole = text.split("\n").filter((one) => one.startsWith("{") && one.endsWith("}"));
  return whole.map((one) => JSON.parse(one) as IndexRow);
}

function tail(bytes: number): string {
  const fd = openSync(recent, "r");
  const { size } = fstatSync(fd);
  const wanted = Buffer.alloc(Math.min(bytes, size));
  readSync(fd, wanted, 0, wanted.length, size - wanted.length);
  closeSync(fd);
  const text = wanted.toString("utf8");
  return text.slice(text.indexOf("\n") + 1);
}
