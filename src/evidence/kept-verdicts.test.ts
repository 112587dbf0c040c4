import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import { nodeHost } from "../host/node/index.ts";
import { homePaths } from "../lifecycle/index.ts";
import type { Evidence } from "../model/finding.schema.ts";
import { take } from "../model/index.ts";
import type { CommandRun } from "../report/report.schema.ts";
import { checkEvidence, type EvidenceContext, keptVerdicts } from "./index.ts";
import { type Found, mostBytes, mostCommits } from "./kept-verdicts.ts";

const source = "export function total(prices) {\n  return prices.reduce((a, b) => a + b, 0);\n}\n";
const quote = "export function total(prices)";
const cited = (path: string, text = quote, start = 1): Evidence => ({
  ...{ kind: "file", path, lines: { start, end: start } },
  quote: text,
});
const searched = (pattern: string, expected: "some" | "none"): Evidence => ({
  ...{ kind: "search", search: { pattern, mode: "fixed", paths: ["src"] } },
  expected,
});

/** What depends on commit and citation alone. */
const pinned: Evidence[] = [
  cited("src/total.js"),
  cited("src/total.js", quote, 9),
  cited("src/total.js", "export function sum(prices)"),
  searched("prices.reduce(", "some"),
  searched("prices.map(", "some"),
  { kind: "absence", search: { pattern: "prices.map(", mode: "fixed", paths: [] } },
];

/** A host that counts the calls of git, and how evidence is looked at by a process that just began. */
function scene(rig: TestRepository) {
  const commit = rig.commit(rig.root, { "src/total.js": source }, "total");
  const looks: string[] = [];
  const git = new Proxy(rig.host.git, {
    get: (verbs, name, self) => {
      looks.push(String(name));
      return Reflect.get(verbs, name, self) as unknown;
    },
  });
  const host = { ...rig.host, git };
  const anew = async (pieces: readonly Evidence[], more: Partial<EvidenceContext> & { version?: string } = {}) => {
    looks.length = 0;
    const { version = "1", ...context } = more;
    const kept = keptVerdicts(host, { home: rig.home, commit, version });
    const place = { repository: rig.root, commit, instructionSet: join(rig.folder, "set"), qaCommands: {} };
    const found = take(await checkEvidence(host, { ...place, kept, ...context }, pieces));
    return { found, states: found.map(({ state }) => state), looks: [...looks] };
  };
  const path = homePaths(rig.home).evidenceAt(commit);
  const rows = (): string[] =>
    readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  return { commit, anew, path, rows };
}

test("what follows from commit and citation is looked at once, also by later processes; the answers are the same", async () => {
  using rig = testRepository();
  const { anew, rows } = scene(rig);
  const first = await anew(pinned);
  expect(first.states).toEqual(["held", "corrected", "refuted", "held", "refuted", "held"]);
  const second = await anew(pinned);
  expect(second).toEqual({ ...first, looks: [] });
  expect(rows()).toHaveLength(pinned.length);
  // The same file by the path of the tree in which the worker read it.
  expect((await anew([cited(join(rig.root, "src/total.js"))])).looks).toEqual([]);
  // Another version of okstra may look otherwise.
  expect((await anew(pinned.slice(0, 1), { version: "2" })).looks).not.toEqual([]);
});

test("never kept: commands, documents, what is not there, what holds only without this run's keys", async () => {
  using rig = testRepository();
  const { commit, anew, path } = scene(rig);
  let runs = 0;
  const runQa = async (name: string, command: string): Promise<CommandRun> => {
    runs += 1;
    return { name, command, at: "", commit, exitCode: 0, outcome: "passed", durationMs: 1, log: "", sandbox: "" };
  };
  rig.write(`${rig.folder}/set/brief.md`, "The total must be rounded to cents.\n");
  const redacted = "export function total([redacted])";
  const pieces: Evidence[] = [
    { kind: "check", qa: "test", expected: { exitCode: 0 } },
    { kind: "document", file: "brief.md", quote: "must be rounded to cents" },
    cited("src/missing.js"),
    cited("src/total.js", redacted),
    { kind: "absence", search: { pattern: "x", mode: "fixed", paths: ["nowhere"] } },
  ];
  const more = {
    ...{ qaCommands: { test: "npm test" }, runQa },
    redact: (text: string) => text.replaceAll("prices", "[redacted]"),
  };
  const wanted = ["held", "held", "unpinned", "held", "unchecked"];
  expect((await anew(pieces, more)).states).toEqual(wanted);
  rig.write(`${rig.folder}/set/brief.md`, "Another brief.\n");
  expect((await anew(pieces, more)).states).toEqual(["held", "refuted", ...wanted.slice(2)]);
  expect(runs).toBe(2);
  expect(() => statSync(path)).toThrow("ENOENT");
});

test("rows that were cut, edited, glued together or are no rows are looked at again", async () => {
  using rig = testRepository();
  const { anew, path, rows } = scene(rig);
  const first = await anew(pinned);
  const [row = "", ...others] = rows();
  for (const spoilt of [
    row.replace('"held"', '"refuted"'),
    row.slice(0, -20),
    `${row}${others[0]}`,
    row.replace('"schemaVersion":1', '"schemaVersion":2'),
    "\0\0\0\n{}\n[]\nnull",
  ]) {
    writeFileSync(path, `${spoilt}\n${others.join("\n")}`);
    const again = await anew(pinned);
    expect([spoilt, again.states]).toEqual([spoilt, first.states]);
    expect(again.looks).toEqual(["blob"]);
    expect((await anew(pinned)).looks).toEqual([]);
  }
  // A torn last row does not spoil the next one.
  writeFileSync(path, `${others.join("\n")}\n${row.slice(0, 50)}`);
  expect((await anew(pinned)).looks).toEqual(["blob"]);
  expect((await anew(pinned)).looks).toEqual([]);
});

test("two that write at once both keep what they found", async () => {
  using rig = testRepository();
  const { anew, commit } = scene(rig);
  const other = nodeHost({ env: { HOME: rig.home }, packageRoot: rig.folder });
  const found: Found = { state: "held", note: "", lines: null };
  const both = [rig.host, other].map((host) => keptVerdicts(host, { home: rig.home, commit, version: "1" }));
  const asked = Array.from({ length: 40 }, (_, n) => n);
  await Promise.all([
    anew(pinned),
    ...asked.map((n) => both[n % 2]?.once(["x", n], async () => ({ ...found, pinned: true }))),
  ]);
  const after = keptVerdicts(rig.host, { home: rig.home, commit, version: "1" });
  for (const n of asked)
    expect(await after.once(["x", n], () => Promise.reject(new Error(`${n} is lost`)))).toEqual(found);
  expect((await anew(pinned)).looks).toEqual([]);
});

test("bounded: so many bytes for a commit, so many commits, the longest unused first to go", async () => {
  using rig = testRepository();
  const { anew, commit, path } = scene(rig);
  const long: Found = { state: "held", note: "n".repeat(60_000), lines: null };
  const kept = keptVerdicts(rig.host, { home: rig.home, commit, version: "1" });
  for (let n = 0; n < 8; n += 1) await kept.once(n, async () => ({ ...long, pinned: true }));
  expect(statSync(path).size).toBeLessThanOrEqual(mostBytes);
  expect((await anew([cited("src/total.js")])).states).toEqual(["held"]);
  // A file that is far too large was not written by this, and is not read.
  writeFileSync(path, "x".repeat(3 * mostBytes));
  expect((await anew([cited("src/total.js")])).states).toEqual(["held"]);
  const folder = dirname(path);
  for (let n = 0; n < mostCommits + 5; n += 1) {
    const name = join(folder, `${String(n).padStart(40, "0")}.jsonl`);
    writeFileSync(name, "");
    utimesSync(name, n, n);
  }
  const fresh = "f".repeat(40);
  await keptVerdicts(rig.host, { home: rig.home, commit: fresh, version: "1" }).once(1, async () => ({
    ...{ ...long, note: "" },
    pinned: true,
  }));
  const names = readdirSync(folder);
  expect(names).toHaveLength(mostCommits);
  expect(names).toEqual(expect.arrayContaining([`${fresh}.jsonl`, `${commit}.jsonl`]));
  expect(names).not.toContain(`${"0".repeat(40)}.jsonl`);
});
