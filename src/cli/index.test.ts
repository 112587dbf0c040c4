/** Whole command lines in this process, with a terminal that only listens: what stands where, and how it ends. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { assertGolden } from "../../test/golden.ts";
import { normalise } from "../../test/normalise.ts";
import { checkFailureAnswer, checkVersionAnswer } from "../generated/answers.check.js";
import { nodeHost } from "../host/node/index.ts";
import { type Outside, runCli } from "./index.ts";
import { ansiPaint, noPaint } from "./paint.ts";
import { unwritable } from "./terminal.ts";

let folder = "";

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "okstra cli-")));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Said = { readonly code: number; readonly answer: string; readonly story: string };

const outsideOf = (write: Outside["terminal"]["write"]): Outside => {
  const env = { PATH: process.env["PATH"], HOME: folder, OKSTRA_HOME: join(folder, "home"), GIT_CONFIG_NOSYSTEM: "1" };
  return {
    okstraVersion: "1.2.3",
    env,
    cwd: () => folder,
    signal: new AbortController().signal,
    hostFor: (seen) => nodeHost({ env: seen, packageRoot: fileURLToPath(new URL("../..", import.meta.url)) }),
    terminal: {
      write,
      paint: () => noPaint,
      canAsk: () => false,
      ask: () => Promise.reject(new Error("nobody is there")),
      readInput: () => Promise.resolve(""),
      canvas: () => undefined,
    },
  };
};

async function cli(argv: readonly string[], changed: Partial<Outside> = {}): Promise<Said> {
  const said = { answer: "", story: "" };
  const outside = outsideOf((to, text) => {
    said[to] += text;
  });
  const code = await runCli(argv, { ...outside, ...changed });
  return { code, ...said };
}

const shown = (argv: readonly string[], { code, answer, story }: Said): string =>
  `$ okstra ${argv.join(" ")}\nexit code ${code}\nstdout:\n${answer}stderr:\n${story}`;

const wrong: readonly (readonly string[])[] = [
  [],
  ["--josn"],
  ["stauts"],
  ["help", "lst"],
  ["implment", "shop/checkout/total"],
  ["run", "bug.md"],
  ["run", "--tsak-key", "a/b/c"],
  ["status", "shop/checkout"],
  ["resume", "shop/checkout/total"],
  ["list", "--cwd", "nowhere"],
  ["list"],
];

test("what does not fit is said in three lines", async () => {
  const all: string[] = [];
  for (const argv of wrong) {
    const said = await cli(argv);
    expect(said.code, argv.join(" ")).toBe(2);
    expect(said.answer).toBe("");
    expect(said.story.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
    all.push(shown(argv, said));
  }
  assertGolden("cli/usage.txt", normalise(all.join("\n"), { paths: [folder] }));
});

test("under --json one document, nothing else on stdout, also for what cannot be read", async () => {
  for (const argv of wrong) {
    const { answer, story } = await cli([...argv, "--json"]);
    const document: unknown = JSON.parse(answer);
    expect(checkFailureAnswer(document), JSON.stringify(checkFailureAnswer.errors)).toBe(true);
    expect(story).toBe("");
  }
  const version: unknown = JSON.parse((await cli(["--json", "version"])).answer);
  expect(checkVersionAnswer(version)).toBe(true);
});

test("flags of every command may stand before its name", async () => {
  expect(await cli(["--cwd", folder, "-q", "version"])).toEqual({ code: 0, answer: "1.2.3\n", story: "" });
});

test("--verbose adds the stack of the place that found the failure", async () => {
  const { story } = await cli(["list", "--verbose"]);
  expect(story).toMatch(/^✗ .*\n↳ .*\nFault: .*\n\s+at .*fault/);
  expect(story).toContain("locate");
});

test("what is no failure is a bug of okstra, and says so", async () => {
  const broken = () => {
    throw new TypeError("reading of undefined");
  };
  const argv = ["list"];
  const plain = await cli(argv, { hostFor: broken });
  assertGolden("cli/bug.txt", shown(argv, plain));
  const json = JSON.parse((await cli(["list", "--json"], { hostFor: broken })).answer) as { error: { reason: string } };
  expect(json.error.reason).toBe("bug");
  const { story } = await cli(["list", "--verbose"], { hostFor: broken });
  expect(story.match(/reading of undefined/g)).toHaveLength(2);
  expect(story).toContain("broken");
});

test("a start folder that is gone", async () => {
  const gone = () => {
    throw Object.assign(new Error("uv_cwd"), { code: "ENOENT" });
  };
  const { code, story } = await cli(["list"], { cwd: gone });
  expect([code, story]).toEqual([
    2,
    "✗ The folder this was started in is gone\n↳ Change to one that exists, or give --cwd DIR\n",
  ]);
  expect((await cli(["version", "--cwd", folder], { cwd: gone })).code).toBe(0);
});

test("colours only where the terminal has them and nobody forbade them", async () => {
  const terminal = (write: (text: string) => void): Outside["terminal"] => ({
    write: (_, text) => write(text),
    paint: () => ansiPaint,
    canAsk: () => false,
    ask: () => Promise.reject(new Error("nobody is there")),
    readInput: () => Promise.resolve(""),
    canvas: () => undefined,
  });
  const texts: string[] = [];
  for (const argv of [["lst"], ["lst", "--no-color"]])
    await cli(argv, { terminal: terminal((text) => texts.push(text)) });
  expect(texts.map((text) => text.includes("\u001b["))).toEqual([true, false]);
});

test("an answer that stdout does not take is told on stderr, with or without --json", async () => {
  for (const flags of [[], ["--json"]])
    for (const argv of [
      ["version", ...flags],
      ["stauts", ...flags],
    ]) {
      const story: string[] = [];
      const outside = outsideOf((to, text) => {
        if (to === "answer") throw unwritable(Object.assign(new Error("ENOSPC: write"), { code: "ENOSPC" }));
        story.push(text);
      });
      const code = await runCli(argv, outside);
      const wrong = argv[0] === "stauts" && flags.length === 0;
      expect([argv, code]).toEqual([argv, wrong ? 2 : 1]);
      expect(story.join("")).toContain(wrong ? "Unknown command" : "cannot be written to stdout: no space left");
    }
  const bug = new TypeError("x");
  expect(unwritable(bug)).toBe(bug);
});
