import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { normalise } from "./normalise.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const other = commit.replaceAll("0", "9");

test.each([
  ["at 2026-11-01T09:00:00.123Z, then 2026-11-01T09:00:00.123Z", "at <time-1>, then <time-2>"],
  ['{"at":1793523600000,"tookMs":12}', '{"at":<time-1>,"tookMs":<duration-1>}'],
  [`${commit} ${other} ${commit}`, "<commit-1> <commit-2> <commit-1>"],
  [`${commit.slice(0, 8)} of ${commit}; deadbeef is none`, "<commit-1> of <commit-1>; deadbeef is none"],
  [`${join(tmpdir(), "okstra-x1")}/runs/1 and ${join(tmpdir(), "okstra-x1")}`, "<path-1>/runs/1 and <path-1>"],
  ["pid 12 and pid 13, pid: 12", "pid <pid-1> and pid <pid-2>, pid: <pid-1>"],
  ["took 12 ms, 1.5 s and 2 min 5 s", "took <duration-1>, <duration-2> and <duration-3>"],
  [`sha256 ${"ab".repeat(32)}, stage 2, 3 files, S1`, `sha256 ${"ab".repeat(32)}, stage 2, 3 files, S1`],
])("normalises %s", (text, expected) => {
  expect(normalise(text)).toBe(expected);
});

test("a known folder is one path, whatever lies below it", () => {
  expect(normalise("/a/b/c.ts, /a/b, /a", { paths: ["/a/b"] })).toBe("<path-1>/c.ts, <path-1>, /a");
});
