/** A small Python monorepo in a rig: two packages with tests of their own, an ignored .env, brief, settings and scenario. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { openRig, packageRoot, type Rig } from "./rig.ts";

const fixture = join(packageRoot, "test/fixtures/parcel-desk");
const text = (name: string): string => readFileSync(join(fixture, name), "utf8");

export const key = "parcel-desk/counter/round-weights";
export const brief = "docs/round-weights.md";

/** Why these tests cannot run here; undefined when they can. */
export function lacking(): string | undefined {
  try {
    execFileSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 9))"], { stdio: "pipe" });
    return undefined;
  } catch {
    return "needs python3, 3.9 or newer";
  }
}

/** The repository with what git ignores beside it; brief and scenario are in it, as a team would keep them. */
export function openParcelDesk(): Rig {
  const from = join(fixture, "repository");
  const paths = readdirSync(from, { recursive: true, encoding: "utf8" })
    .map((name) => join(from, name))
    .filter((path) => statSync(path).isFile() && !path.includes("__pycache__"));
  const rig = openRig({
    ...Object.fromEntries(paths.map((path) => [relative(from, path), readFileSync(path, "utf8")])),
    ".gitignore": text("gitignore.txt"),
    [brief]: text("brief.md"),
  });
  rig.write(".env", text("env.txt"));
  rig.write(join(rig.folder, "scenario.yaml"), text("scenario.yaml").replaceAll("# - puppet", "- puppet"));
  return rig;
}

/** The settings that a person writes after `init`. */
export const settings = (): string => text("project.json");

/** What python prints in one package of a checkout of the desk. */
export const python = (checkout: string, folder: "core" | "cli", ...args: string[]): string =>
  execFileSync("python3", args, {
    cwd: join(checkout, "packages", folder),
    env: {
      PATH: process.env["PATH"] ?? "",
      PYTHONPATH: join(checkout, "packages/core"),
      PYTHONDONTWRITEBYTECODE: "1",
    },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
