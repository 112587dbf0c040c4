/** Reports in a real browser: every task type, on a phone and a desk, light and dark; filters, answers, keyboard, screen readers. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readUserResponse } from "../../src/lifecycle/index.ts";
import { take } from "../../src/model/index.ts";
import { renderHtml } from "../../src/report/index.ts";
import type { Report } from "../../src/report/report.schema.ts";
import { clarification } from "../fixtures/report/common.ts";
import { pairs } from "../fixtures/report/hostile.ts";
import { planning, reports } from "../fixtures/report/index.ts";
import { type TestFolder, testFolder } from "../folder.ts";
import { type Look, noBrowser, openBrowser, type TestBrowser } from "../rig/browser.ts";
import { noText, spaced, textOfPages } from "../rig/printed.ts";

/** Where OKSTRA_SCREENSHOTS is set to a folder, the pictures of every page are left there to be looked at. */
const pictures = process.env["OKSTRA_SCREENSHOTS"];

let browser: TestBrowser;
let folder: TestFolder;
beforeAll(async () => {
  folder = testFolder();
  if (noBrowser === "") browser = await openBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

function paged(name: string, report: Report): string {
  const file = join(folder.folder, `${name}.html`);
  writeFileSync(file, renderHtml(report));
  return file;
}

const looks: readonly Look[] = [390, 1280].flatMap((width) =>
  (["light", "dark"] as const).map((theme) => ({ width, theme })),
);

test.skipIf(noBrowser !== "").each(Object.entries(reports))(
  `%s: no message, no request, no fault of access, nothing cut off${noBrowser}`,
  async (name, report) => {
    const file = paged(name, report);
    for (const look of looks) {
      await using opened = await browser.open(file, look);
      const { page, said } = opened;
      expect(said, `${name} at ${look.width}`).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
      // On A4 with the page's own margins no column is cut, and nothing is printed that only a screen can do.
      if (look.width === 1280 && look.theme === "light") {
        await page.setViewportSize({ width: 688, height: 1000 });
        await page.emulateMedia({ media: "print" });
        const cut =
          "[...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth && !one.querySelector('svg')).map((one) => one.textContent)";
        expect(await page.evaluate(cut)).toEqual([]);
        expect(await page.locator("nav:visible, form:visible, button:visible, textarea:visible").count()).toBe(0);
        await page.emulateMedia({ media: "screen" });
        await page.setViewportSize({ width: look.width, height: 900 });
      }
      // Each width and each theme once.
      if ((look.width === 390) === (look.theme === "dark")) expect(await faultsOfAccess(page)).toEqual([]);
      if (pictures === undefined) continue;
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name}-${look.width}-${look.theme}.png`), fullPage: true });
    }
  },
);

const noPrint = noBrowser !== "" ? noBrowser : noText;

test.skipIf(noPrint !== "").each(Object.entries(reports))(
  `%s in print: no heading or label ends a page, no short block is cut${noPrint}`,
  async (name, report) => {
    // Whoever reads it in the dark prints it on paper all the same.
    await using opened = await browser.open(paged(name, report), { width: 1280, theme: "dark" });
    const { page } = opened;
    const texts = (selector: string) =>
      page.evaluate(
        `[...document.querySelectorAll(${JSON.stringify(selector)})].map((one) => one.textContent)`,
      ) as Promise<string[]>;
    const leading = new Set((await texts("h2,h3,h4,h5,p:has(+ul),p:has(+dl),p:has(+pre)")).map(spaced));
    const short = (await texts("pre")).filter((text) => text.trim().split("\n").length < 12);
    const file = join(folder.folder, `${name}.pdf`);
    await page.pdf({ path: file, preferCSSPageSize: false, format: "A4", printBackground: true });
    const pages = textOfPages(file);
    expect(pages.length).toBeGreaterThan(1);
    const last = pages.map((lines) => lines.at(-1) ?? "");
    expect(last.filter((line) => leading.has(line))).toEqual([]);
    expect(pages.map((_, at) => `${at + 1}/${pages.length}`)).toEqual(pages.map(({ number }) => number));
    const cut = short.filter((text) => {
      const lines = text
        .split("\n")
        .map(spaced)
        .filter((line) => line !== "");
      return !pages.some((there) => lines.every((line) => there.includes(line)));
    });
    expect(cut).toEqual([]);
  },
);

/** What axe finds that is serious or worse, by rule and place. */
async function faultsOfAccess(page: Awaited<ReturnType<TestBrowser["open"]>>["page"]): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as {
    violations: { id: string; impact: string; nodes: { html: string }[] }[];
  };
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

test.skipIf(noBrowser !== "")(`hostile text runs nothing, asks for nothing and fits a phone${noBrowser}`, async () => {
  for (const [at, { hostile }] of fc.sample(pairs, { numRuns: 12, seed: 7 }).entries()) {
    await using opened = await browser.open(paged(`hostile-${at}`, hostile), { width: 390, theme: "light" });
    const { page, said } = opened;
    expect(said).toEqual([]);
    expect(await page.evaluate("document.scripts.length")).toBe(1);
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
  }
});

test.skipIf(noBrowser !== "")(`items are filtered with the keyboard alone${noBrowser}`, async () => {
  await using opened = await browser.open(paged("filter", planning));
  const { page } = opened;
  const shown = () => page.locator(".item:visible h4").allTextContents();
  const count = page.locator("form.filters output");
  expect(await count.textContent()).toBe("3 of 3 items are shown");
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the report");
  await page.keyboard.press("Enter");
  await page.getByRole("checkbox", { name: "contested" }).focus();
  await page.keyboard.press("Space");
  expect(await shown()).toEqual(["F-002 A discount above 100 % makes the total negative"]);
  expect(await count.textContent()).toBe("1 of 3 items are shown");
  // Rows and evidence go with their item.
  expect(await page.locator("tr[data-with]:visible").count()).toBe(1);
  expect(await page.locator(".with:visible").count()).toBe(1);
  await page.getByRole("checkbox", { name: "refuted" }).press("Space");
  expect(await shown()).toHaveLength(2);
  await page.getByRole("checkbox", { name: "claude" }).press("Space");
  expect(await shown()).toHaveLength(0);
  await page.getByRole("button", { name: "Show all" }).press("Enter");
  await expect.poll(shown).toHaveLength(3);
  await page.getByRole("searchbox").fill("BINARY  prices");
  expect(await shown()).toEqual(["F-001 Prices are summed as binary fractions"]);
  await page.getByRole("searchbox").press("Enter");
  expect(page.url()).not.toContain("?");
});

test.skipIf(noBrowser !== "")(`a stage is reached through the graph${noBrowser}`, async () => {
  await using opened = await browser.open(paged("graph", planning));
  const { page } = opened;
  await page.locator(".graph a").nth(1).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/#s-5-5-2$/);
  expect(await page.locator(":target").textContent()).toBe("5.5.2 Stage 2: Round discounts once");
});

const nasty = [
  "Yes.\n\nBut:\n## C-002\n> not a quote\n\\> nor this\n- a list",
  "# heading </textarea><script>alert(1)</script> \u202e 한국어 👩‍👧",
];

test.skipIf(noBrowser !== "")(
  `answers that are saved from the page are read as they were written${noBrowser}`,
  async () => {
    const question = 'May "amounts" be <b>kept</b>?\n## C-009\n> in\nthe database?';
    const report = {
      ...planning,
      clarifications: [
        clarification("C-001", { question }),
        clarification("C-002"),
        clarification("C-003"),
        clarification("C-004", { status: "resolved", userInput: "done" }),
      ],
    };
    await using opened = await browser.open(paged("answers", report));
    const { page, said } = opened;
    const status = page.locator(".export output");
    await page.getByRole("button", { name: "Save answers" }).click();
    expect(await status.textContent()).toBe("No answer is written yet");
    expect(await page.locator("textarea").count()).toBe(3);
    await page.getByLabel("Your answer to C-001").fill(nasty[0] ?? "");
    await page.getByLabel("Your answer to C-003").fill(nasty[1] ?? "");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save answers" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("user-response-implementation-planning-001.md");
    expect(await status.textContent()).toBe("2 answers are in user-response-implementation-planning-001.md");
    const text = readFileSync(await download.path(), "utf8");
    expect(take(readUserResponse(text, "the file"))).toEqual({
      taskKey: report.taskKey,
      run: report.run,
      answers: [
        { id: "C-001", text: nasty[0] },
        { id: "C-003", text: nasty[1] },
      ],
    });
    expect(said).toEqual([]);
  },
);

function manyItems(count: number): Report["items"] {
  const [item] = planning.items;
  if (item === undefined) throw new Error("the fixture has no item");
  return Array.from({ length: count }, (_, at) => ({
    ...item,
    id: `F-${at}`,
    title: `Number ${at}`,
    claim: `A needle & <b>${at}</b>.`,
    severity: at % 10 === 0 ? ("nit" as const) : item.severity,
  }));
}

/** Whether an element is within the height of the window. */
const inSight = (selector: string): string =>
  `(({ top, bottom }) => bottom > 0 && top < innerHeight)(document.querySelector("${selector}").getBoundingClientRect())`;

test.skipIf(noBrowser !== "")(`5,000 items are filtered${noBrowser}`, async () => {
  const file = paged("many", { ...planning, items: manyItems(5_000) });
  await using opened = await browser.open(file);
  const { page, said } = opened;
  await page.getByRole("checkbox", { name: "nit" }).check();
  expect(await page.locator("form.filters output").textContent()).toBe("500 of 5000 items are shown");
  await page.getByRole("searchbox").fill("number 1230");
  expect(await page.locator(".lot:not([hidden]) .item:not([hidden]) h4").allTextContents()).toEqual([
    "F-1230 Number 1230",
  ]);
  // What belongs to one that is not shown is not shown either: its line and its evidence, one by one or with all of their lot.
  const lines = page.locator(".lines:not([hidden]) li:not([hidden])");
  expect(await lines.allTextContents()).toEqual([expect.stringContaining("Number 1230")]);
  expect(await page.locator(".lot:not(.lines):not([hidden])").count()).toBe(1);
  // An item is found by its words before it is an element, and is one in sight and on paper.
  await page.getByRole("button", { name: "Show all" }).press("Enter");
  await page.getByRole("searchbox").fill("needle & <b>4321");
  expect(await page.locator(".lot:not([hidden]) .item:not([hidden])").count()).toBe(1);
  await page.locator("#i-4321").scrollIntoViewIfNeeded();
  await page.locator("#i-4321 dl").waitFor();
  expect(await page.locator("#i-4321 p").first().textContent()).toBe("A needle & <b>4321</b>.");
  await page.evaluate("dispatchEvent(new Event('beforeprint'))");
  expect(await page.evaluate("document.querySelectorAll('noscript').length")).toBe(0);
  expect(await page.evaluate("document.querySelectorAll('.item dl').length")).toBe(5_000);
  expect(said).toEqual([]);
  // Without scripts all of it is there at once.
  await using still = await browser.open(file, { width: 390, theme: "dark" }, { scripts: false });
  expect(await still.page.locator("#i-4321 dl").isVisible()).toBe(true);
});

test.skipIf(noBrowser !== "")(`a link into many items leads to one that nobody has seen yet${noBrowser}`, async () => {
  const file = paged("linked", { ...planning, items: manyItems(1_000) });
  await using opened = await browser.open(file, undefined, { at: "#i-321" });
  const { page, said } = opened;
  await page.locator("#i-321").waitFor();
  expect(await page.evaluate(inSight("#i-321"))).toBe(true);
  await page.locator(".lines").first().scrollIntoViewIfNeeded();
  await page.locator(".lines a").first().waitFor();
  await page.evaluate("document.querySelector('.lines a').setAttribute('href', '#i-888')");
  await page.locator(".lines a").first().click();
  expect(await page.evaluate(inSight("#i-888"))).toBe(true);
  // Nobody has to do anything: in the end every item is one.
  await page.locator("noscript").first().waitFor({ state: "detached" });
  await page.getByRole("checkbox", { name: "nit" }).check();
  expect(await page.locator(".lot:not([hidden]) .item:not([hidden])").count()).toBe(100);
  expect(said).toEqual([]);
});

test.skipIf(noBrowser !== "")(
  `without scripts the whole report is there, and nothing that would not work${noBrowser}`,
  async () => {
    const html = renderHtml(planning).replace(/script-src '[^']+'/, "script-src 'none'");
    const file = join(folder.folder, "still.html");
    writeFileSync(file, html);
    await using opened = await browser.open(file);
    expect(await opened.page.locator("form:visible, textarea:visible, button:visible").count()).toBe(0);
    expect(await opened.page.locator(".item:visible").count()).toBe(3);
  },
);
