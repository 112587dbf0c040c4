/** Debian's Chromium, driven over its debugging protocol: an empty profile for each start, no traffic of its own. */
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";

const program = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Why browser tests cannot run here; empty when they can. Stands in the names of the tests. */
export const noBrowser = existsSync(program)
  ? ""
  : ` (skipped: ${program} is not there: apt-get install chromium, or name it in CHROMIUM)`;

export type Look = { readonly width: number; readonly theme: "light" | "dark" };

/** `said`: what the page wrote to the console, errors in it, and whatever it asked for beside itself. */
export type OpenPage = AsyncDisposable & { readonly page: Page; readonly said: readonly string[] };

export type TestBrowser = AsyncDisposable & {
  /** `at`: the place in the page, as `#i-3`. */
  open(file: string, look?: Look, other?: { readonly scripts?: boolean; readonly at?: string }): Promise<OpenPage>;
};

export async function openBrowser(): Promise<TestBrowser> {
  const browser = await chromium.launch({ executablePath: program, headless: true, args: [...quiet] });
  return {
    open: (file, look = { width: 1280, theme: "light" }, { scripts = true, at = "" } = {}) =>
      openPage(browser, file, { ...look, scripts, at }),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

type Opening = Look & { readonly scripts: boolean; readonly at: string };

async function openPage(browser: Browser, file: string, { width, theme, scripts, at }: Opening): Promise<OpenPage> {
  const height = width < 500 ? 844 : 900;
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: theme,
    acceptDownloads: true,
    javaScriptEnabled: scripts,
  });
  const said: string[] = [];
  const address = pathToFileURL(file).href;
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== address) said.push(`request: ${request.url()}`);
  });
  await page.goto(address + at);
  return { page, said, [Symbol.asyncDispose]: () => page.close() };
}
