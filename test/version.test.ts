/** The smallest whole: the built program as a process. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { assertGolden } from "./golden.ts";

const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

function okstra(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path("dist/main.js"), ...args], { encoding: "utf8" });
  return `$ okstra ${args.join(" ")}\nexit code ${status}\nstdout:\n${stdout}stderr:\n${stderr}`;
}

test("--version says the version of the package", () => {
  const { version } = JSON.parse(readFileSync(path("package.json"), "utf8")) as { version: string };
  expect(okstra("--version")).toContain(`exit code 0\nstdout:\n${version}\n`);
});

test("an unknown command is a usage error", () => {
  assertGolden("cli/unknown-command.txt", okstra("no-such-command"));
});
