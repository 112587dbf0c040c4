import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { planning } from "../../test/fixtures/report/index.ts";
import { contentHash, shortContent } from "../lifecycle/index.ts";
import { renderMarkdown } from "./index.ts";
import { koreanSaid } from "./labels/ko-said.ts";
import type { Report } from "./report.schema.ts";
import { said } from "./said.ts";

const holesOf = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();

const filledWith = (hole: string): string =>
  ["count", "start", "end", "stage", "commits", "files"].includes(hole) ? "7" : `<${hole}>`;

test("each pattern has the same holes in both languages, is in Korean", () => {
  for (const [english, korean] of koreanSaid) {
    expect(holesOf(korean), english).toEqual(holesOf(english));
    expect(korean, english).toMatch(/[가-힣]/);
    const filled = english.replace(/\{(\w+)\}/g, (_, name: string) => filledWith(name));
    expect(said(filled), english).toBe(korean.replace(/\{(\w+)\}/g, (_, name: string) => filledWith(name)));
  }
});

test("sentences within sentences, several in a row, and workers' own words", () => {
  expect(said("the stage is not done; 2 files do not merge")).toBe("단계가 완료되지 않음; 파일 2개가 병합되지 않음");
  expect(said("no pull request was opened: gh is not logged in")).toBe(
    "풀 리퀘스트를 열지 않음: gh에 로그인되어 있지 않음",
  );
  expect(said("claude: the importer")).toBe("claude: the importer");
  expect(said("")).toBe("");
});

test("what is approved is the data: the hash in a Korean report is that of what is kept", () => {
  const report: Report & typeof planning = { ...planning, language: "ko", limits: ["never asked"] };
  const markdown = renderMarkdown(report);
  expect(markdown).toContain(shortContent(contentHash(report)));
  expect(markdown).toContain("질문을 받지 않음");
});

/** Sources whose sentences stand in reports, as patterns of the catalogue say them. */
const source = fileURLToPath(new URL("..", import.meta.url));
const filesBelow = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === "generated" || name === "report" ? [] : filesBelow(path);
    return /(?<!\.test)\.ts$/.test(name) ? [path] : [];
  });

test("the engine says what each pattern says: none is left of a sentence that was reworded", () => {
  const texts = filesBelow(source).map((path) => readFileSync(path, "utf8"));
  const lost = koreanSaid.flatMap(([english]) => {
    const words = english.replace(/\{\w+\}/g, " ").match(/[A-Za-z-]{4,}/g) ?? [];
    return texts.some((text) => words.every((word) => text.includes(word))) ? [] : [english];
  });
  expect(lost).toEqual([]);
});
