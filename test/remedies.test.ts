/** What okstra tells people to type is there: no text names a command that is planned and not built yet. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commands } from "../src/cli/commands/table.ts";
import { packageRoot } from "./rig/rig.ts";

/** Every command that okstra is to have one day; those that are there take themselves out. */
const planned = (
  "accept override integrate fixcycle diff timeline inspect usage cost time errors context schedule followups reconcile reindex " +
  "config install uninstall ensure-installed migrate completion wizard memory mcp ui worker coordinator " +
  "worktree:release worktree:remove worktree:prune doctor:--fix"
).split(" ");

const built = new Set(
  commands.flatMap(({ name, aliases, usage }) => [
    name,
    ...(aliases ?? []),
    ...[...usage.matchAll(/[a-z-]+/g)].map(([word]) => `${name}:${word}`),
  ]),
);
const missing = planned.filter((name) => !built.has(name));

const texts = ["src", "prompts", "demo"].flatMap((folder) =>
  readdirSync(join(packageRoot, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(ts|js|md|json|yaml)$/.test(path) && !path.includes(".test.") && !path.includes("generated"))
    .map((path) => join(folder, path)),
);

test("no text names a command that is not there", () => {
  expect(texts.length).toBeGreaterThan(300);
  const named = new RegExp(`okstra (${missing.map((name) => name.replace(":", " ")).join("|")})(?![a-z-])`, "g");
  const found = texts.flatMap((path) =>
    [...readFileSync(join(packageRoot, path), "utf8").matchAll(named)].map(([words]) => `${path}: ${words}`),
  );
  expect(found).toEqual([]);
});

test("a key or a run's id stands in a command as one word of a shell", () => {
  const bare =
    /\bokstra [a-z][a-z -]*(--task-key )?'?\$\{(([\w.]+\.)?(key|task|taskKey|run|id)|printKey\(.*?\)|printRun\(.*?\))\}/g;
  const found = texts
    .filter((path) => path.endsWith(".ts"))
    .flatMap((path) =>
      [...readFileSync(join(packageRoot, path), "utf8").matchAll(bare)].map(([words]) => `${path}: ${words}`),
    );
  expect(found).toEqual([]);
});

test("the list finds what it looks for, and loses what is built", () => {
  expect(missing).toContain("diff");
  expect(built.has("worktree:path")).toBe(true);
});
