/**
 * Finds a project's own checks for `okstra init` in the files that declare them. Only what is written there is taken: a
 * command that the project does not use would make every later check fail. The first source that knows a check wins.
 */
type Commands = Record<string, string>;

const wanted: Readonly<Record<string, readonly string[]>> = {
  lint: ["lint"],
  typecheck: ["typecheck", "type-check", "check-types", "types", "tsc"],
  test: ["test"],
  build: ["build"],
  "db-test": ["db-test", "test:db", "test-db"],
  conformance: ["conformance", "test:conformance"],
};

/**
 * QA commands by name (`lint`, `typecheck`, `test`, `build`, `db-test`, `conformance`) from the texts of files in the
 * project's root, by file name: package.json, Makefile, pyproject.toml, Cargo.toml, go.mod; lock files tell the package
 * manager and may be given with an empty text. A file that does not parse gives nothing.
 */
export function detectQaCommands(files: Readonly<Record<string, string>>): Commands {
  return {
    ...fromGo(files["go.mod"]),
    ...fromCargo(files["Cargo.toml"]),
    ...fromPython(files["pyproject.toml"]),
    ...fromMake(files["Makefile"] ?? files["makefile"] ?? files["GNUmakefile"]),
    ...fromPackage(files["package.json"], runnerOf(files)),
  };
}

/** The names of files that `detectQaCommands` wants to see. */
export const qaSources = [
  "package.json",
  "pnpm-lock.yaml",
  "yarn.lock",
  "bun.lock",
  "bun.lockb",
  "Makefile",
  "makefile",
  "GNUmakefile",
  "pyproject.toml",
  "Cargo.toml",
  "go.mod",
] as const;

function runnerOf(files: Readonly<Record<string, string>>): string {
  if ("pnpm-lock.yaml" in files) return "pnpm run";
  if ("yarn.lock" in files) return "yarn run";
  return "bun.lock" in files || "bun.lockb" in files ? "bun run" : "npm run";
}

function fromPackage(text: string | undefined, runner: string): Commands {
  const scripts = scriptsOf(text);
  return pick((name) => {
    const script = scripts[name];
    // The placeholder that `npm init` writes is no test.
    return typeof script === "string" && script.trim() !== "" && !/no test specified/.test(script)
      ? `${runner} ${name}`
      : undefined;
  });
}

function scriptsOf(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return {};
    throw thrown;
  }
  const scripts =
    typeof document === "object" && document !== null && "scripts" in document ? document.scripts : undefined;
  return typeof scripts === "object" && scripts !== null ? { ...scripts } : {};
}

function fromMake(text: string | undefined): Commands {
  const targets = new Set<string>();
  for (const found of (text ?? "").matchAll(/^(?<names>[A-Za-z0-9_][^:=#\t\n]*?)\s*::?(?!=)/gm)) {
    for (const name of (found.groups?.["names"] ?? "").split(/\s+/)) targets.add(name);
  }
  return pick((name) => (targets.has(name) ? `make ${name}` : undefined));
}

function fromPython(text: string | undefined): Commands {
  if (text === undefined) return {};
  const uses = (tool: string): boolean =>
    new RegExp(`^\\s*\\[tool\\.${tool}[\\].]`, "m").test(text) ||
    new RegExp(`["']${tool}(?:\\[[^\\]]*\\])?\\s*(?:[<>=~!;@][^"']*)?["']`).test(text);
  return {
    ...(uses("ruff") ? { lint: "ruff check ." } : {}),
    ...(uses("mypy") ? { typecheck: "mypy ." } : {}),
    ...(uses("pytest") ? { test: "pytest" } : {}),
  };
}

const fromCargo = (text: string | undefined): Commands =>
  text === undefined || !/^\s*\[(?:package|workspace)\]/m.test(text)
    ? {}
    : { typecheck: "cargo check", test: "cargo test", build: "cargo build" };

const fromGo = (text: string | undefined): Commands =>
  text === undefined || !/^module\s+\S/m.test(text)
    ? {}
    : { lint: "go vet ./...", test: "go test ./...", build: "go build ./..." };

function pick(command: (name: string) => string | undefined): Commands {
  const found: Commands = {};
  for (const [check, names] of Object.entries(wanted)) {
    const first = names.map(command).find((text) => text !== undefined);
    if (first !== undefined) found[check] = first;
  }
  return found;
}
