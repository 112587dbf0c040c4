import { symlinkSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../test/repository.ts";
import type { Evidence } from "../model/finding.schema.ts";
import { fault, take } from "../model/index.ts";
import type { CommandRun } from "../report/report.schema.ts";
import { insideProject } from "./cited-path.ts";
import { checkEvidence, type EvidenceContext } from "./index.ts";
import { posixPattern } from "./searches.ts";

const source = "export function total(prices) {\n  return prices.reduce((a, b) => a + b, 0);\n}\n";

function scene(rig: TestRepository) {
  const commit = rig.commit(rig.root, { "src/total.js": source, "lib/deep/x.js": "const x = 12;\n" }, "total");
  rig.write(`${rig.folder}/set/brief.md`, "# Brief\n\nThe total must be rounded to cents.\n");
  const context: EvidenceContext = {
    repository: rig.root,
    commit,
    instructionSet: join(rig.folder, "set"),
    qaCommands: { test: "npm test" },
  };
  const stateOf = async (piece: Evidence, more: Partial<EvidenceContext> = {}) => {
    const [checked] = take(await checkEvidence(rig.host, { ...context, ...more }, [piece]));
    return checked ?? expect.unreachable();
  };
  return { commit, context, stateOf };
}

const file = (path: string, quote: string, start = 1, end = start): Evidence => ({
  kind: "file",
  path,
  lines: { start, end },
  quote,
});
const search = (pattern: string, more: { mode?: "fixed" | "regex"; paths?: string[] } = {}) => ({
  pattern,
  mode: more.mode ?? ("fixed" as const),
  paths: more.paths ?? [],
});

test("file evidence at the reviewed commit, not at what lies in the tree", async () => {
  using rig = testRepository();
  const { stateOf } = scene(rig);
  rig.write("src/total.js", "export const total = 'rewritten since';\n");
  expect(await stateOf(file("src/total.js", "export function  total(prices)"))).toMatchObject({
    state: "held",
    note: "",
  });
  expect(await stateOf(file("src/total.js", "rewritten since'"))).toMatchObject({ state: "refuted" });
  expect(await stateOf(file("./src/total.js", "return prices.reduce", 40))).toMatchObject({
    state: "corrected",
    lines: { start: 2, end: 2 },
  });
  expect(await stateOf(file(join(rig.root, "src/total.js"), "export function total"))).toMatchObject({ state: "held" });
  expect(await stateOf(file("src/total.js", "total"))).toMatchObject({ state: "unchecked" });
});

test("a quote whose key was taken out is found where the key stands", async () => {
  using rig = testRepository();
  const { stateOf } = scene(rig);
  const redact = (text: string): string => text.replaceAll("prices", "[redacted]");
  const quote = "export function total([redacted])";
  expect(await stateOf(file("src/total.js", quote))).toMatchObject({ state: "refuted" });
  expect(await stateOf(file("src/total.js", quote), { redact })).toMatchObject({ state: "held" });
  expect(await stateOf(file("src/total.js", "return nothing of [redacted]"), { redact })).toMatchObject({
    state: "refuted",
  });
});

test("what is not in the commit, or is binary, cannot be pinned; what is no path of the project is not looked at", async () => {
  using rig = testRepository(["dist/"]);
  const { stateOf } = scene(rig);
  rig.write("dist/out.js", "const generated = true;");
  expect((await stateOf(file("dist/out.js", "const generated = true"))).state).toBe("unpinned");
  expect((await stateOf(file("src", "export function total"))).state).toBe("unpinned");
  rig.write("a.bin", "\0\0binary const generated");
  const commit = rig.commit(rig.root, { "b.js": "x" }, "x");
  rig.git(rig.root, "add", "a.bin");
  rig.git(rig.root, "commit", "-qm", "bin");
  expect(
    (await stateOf(file("a.bin", "binary const generated"), { commit: rig.git(rig.root, "rev-parse", "HEAD") })).state,
  ).toBe("unpinned");
  expect((await stateOf(file("b.js", "export function total"), { commit })).state).toBe("refuted");
  // A NUL in a comment does not take a source file out of sight.
  const nul = rig.commit(rig.root, { "n.js": `// \0\n${"const seen = true;\n".repeat(3)}` }, "nul");
  expect((await stateOf(file("n.js", "const seen = true;", 3), { commit: nul })).state).toBe("held");
  for (const path of ["../secret", "/etc/passwd", ".git/config", "a\0b", "src/../../x", "."]) {
    expect([path, (await stateOf(file(path, "anything at all here"))).state]).toEqual([path, "unchecked"]);
  }
  expect((await stateOf(file("src/total.js", "export function total"), { repository: null, commit: null })).state).toBe(
    "unpinned",
  );
});

test("documents of the instruction set, and nothing outside it", async () => {
  using rig = testRepository();
  const { stateOf } = scene(rig);
  const document = (name: string, quote: string): Evidence => ({ kind: "document", file: name, quote });
  expect((await stateOf(document("brief.md", "must be rounded to\ncents"))).state).toBe("held");
  expect((await stateOf(document("instruction-set/brief.md", "must be rounded to cents"))).state).toBe("held");
  expect((await stateOf(document("brief.md", "must be rounded to euros"))).state).toBe("refuted");
  expect((await stateOf(document("plan.md", "must be rounded to cents"))).state).toBe("refuted");
  symlinkSync(join(rig.root, "src/total.js"), join(rig.folder, "set", "link.md"));
  expect((await stateOf(document("link.md", "export function total(prices)"))).state).toBe("refuted");
  expect((await stateOf(document("../the project/README.md", "start start start"))).state).toBe("unchecked");
});

test("searches and claims of absence", async () => {
  using rig = testRepository();
  const { stateOf } = scene(rig);
  const absence = (given: ReturnType<typeof search>): Evidence => ({ kind: "absence", search: given });
  const some = (given: ReturnType<typeof search>, expected: "some" | "none" = "some"): Evidence => ({
    kind: "search",
    search: given,
    expected,
  });
  expect(await stateOf(some(search("prices.reduce(")))).toMatchObject({
    state: "held",
    note: "found at src/total.js:2",
  });
  expect((await stateOf(some(search("prices.map(")))).state).toBe("refuted");
  expect((await stateOf(some(search("prices.map("), "none"))).state).toBe("held");
  expect((await stateOf(absence(search("Math.round", { paths: ["src"] })))).state).toBe("held");
  expect(await stateOf(absence(search("reduce", { paths: ["src/*.js"] })))).toMatchObject({ state: "refuted" });
  expect((await stateOf(absence(search("x = \\d+;", { mode: "regex" })))).state).toBe("refuted");
  expect((await stateOf(absence(search("(?:total|sum)\\(prices", { mode: "regex", paths: ["."] })))).state).toBe(
    "refuted",
  );
});

test("a search that cannot find anything proves nothing", async () => {
  using rig = testRepository();
  const { stateOf } = scene(rig);
  const impossible = [
    search("reduce", { paths: ["source"] }),
    search("reduce", { paths: ["src/*.ts"] }),
    search("reduce", { paths: [":!src"] }),
    search("reduce", { paths: ["../.."] }),
    search("(reduce", { mode: "regex" }),
    search("red(?=uce)", { mode: "regex" }),
    search("a\nreduce"),
  ];
  for (const one of impossible)
    expect([one, (await stateOf({ kind: "absence", search: one })).state]).toEqual([one, "unchecked"]);
});

test("a path that git would read as more than a path is not searched", async () => {
  using rig = testRepository();
  const { stateOf } = scene(rig);
  rig.write(":/src", "reduce\n");
  rig.git(rig.root, "--literal-pathspecs", "add", "--", ":/src");
  rig.git(rig.root, "commit", "--quiet", "-m", "a folder named like a pathspec");
  const at = { commit: rig.git(rig.root, "rev-parse", "HEAD") };
  const piece: Evidence = { kind: "absence", search: search("prices", { paths: [":/src"] }) };
  expect((await stateOf(piece, at)).state).toBe("unchecked");
});

test("declared commands are run by the engine and compared; others are not run", async () => {
  using rig = testRepository();
  const { stateOf, context } = scene(rig);
  const ran: string[] = [];
  const runQa = (outcome: CommandRun["outcome"], exitCode: number | null) => async (name: string, command: string) => {
    ran.push(`${name}: ${command}`);
    return {
      name,
      command,
      at: "",
      commit: context.commit,
      exitCode,
      outcome,
      durationMs: 1,
      log: "log",
      sandbox: "off",
    };
  };
  const check = (qa: string, exitCode = 1): Evidence => ({ kind: "check", qa, expected: { exitCode } });
  expect((await stateOf(check("qa:test"), { runQa: runQa("failed", 1) })).state).toBe("held");
  expect((await stateOf(check("test", 0), { runQa: runQa("failed", 1) })).state).toBe("refuted");
  expect((await stateOf(check("test", 0), { runQa: runQa("no-work", 0) })).state).toBe("unchecked");
  expect((await stateOf(check("test"), { runQa: runQa("did-not-run", 127) })).state).toBe("unchecked");
  expect(ran).toEqual(Array(4).fill("test: npm test"));
  expect((await stateOf(check("qa:rm -rf"), { runQa: runQa("passed", 0) })).state).toBe("unchecked");
  expect((await stateOf(check("toString"), { runQa: runQa("passed", 0) })).state).toBe("unchecked");
  expect((await stateOf(check("test"))).state).toBe("unchecked");
  const broken = () => Promise.reject(fault("setup-failed", "npm ci failed", ""));
  expect(await stateOf(check("test"), { runQa: broken })).toMatchObject({
    state: "unchecked",
    note: "qa:test could not be run: npm ci failed",
  });
  expect(ran).toHaveLength(4);
});

test("a stop is no verdict: it passes on", async () => {
  using rig = testRepository();
  const { context } = scene(rig);
  const runQa = () => Promise.reject(fault("interrupted", "stopped", ""));
  const result = await checkEvidence(rig.host, { ...context, runQa }, [
    { kind: "check", qa: "test", expected: { exitCode: 0 } },
  ]);
  expect(result).toMatchObject({ ok: false, error: { reason: "interrupted" } });
});

test("the same evidence at the same commit is looked at once", async () => {
  using rig = testRepository();
  const { context } = scene(rig);
  let runs = 0;
  const runQa = async (name: string, command: string): Promise<CommandRun> => {
    runs += 1;
    return { name, command, at: "", commit: null, exitCode: 0, outcome: "passed", durationMs: 1, log: "", sandbox: "" };
  };
  const piece: Evidence = { kind: "check", qa: "test", expected: { exitCode: 0 } };
  const seen = new Map();
  const both = await Promise.all([
    checkEvidence(rig.host, { ...context, runQa, seen }, [piece, piece]),
    checkEvidence(rig.host, { ...context, runQa, seen }, [piece]),
  ]);
  expect(both.flatMap(take).map(({ state }) => state)).toEqual(["held", "held", "held"]);
  expect(runs).toBe(1);
});

test("no cited path leads out of the project", () => {
  const part = fc.constantFrom("..", ".", "a", "b.js", "", "/", ".git", "c d", "~");
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const path = insideProject(parts.join("/"), ["/work/tree"]);
      return (
        path === undefined ||
        (!path.startsWith("/") && !path.split("/").includes("..") && path !== "" && path.split("/")[0] !== ".git")
      );
    }),
  );
  expect(insideProject("/work/tree/src/a.js", ["/other", "/work/tree"])).toBe("src/a.js");
  expect(insideProject("/work/treetop/a.js", ["/work/tree"])).toBeUndefined();
});

test("Perl-style expressions become POSIX ones or are refused", () => {
  expect(posixPattern("\\d+\\.\\w*")).toBe("[0-9]+\\.\\w*");
  expect(posixPattern("(?:a|b)[^]x]")).toBe("(a|b)[^]x]");
  expect(posixPattern("[a-z]+[]]\\(")).toBe("[a-z]+[]]\\(");
  for (const pattern of ["a.*?b", "(?=x)", "(?<n>x)", "[\\d]", "\\p{L}", "\\1", "a++", "x\\"])
    expect([pattern, posixPattern(pattern)]).toEqual([pattern, undefined]);
});
