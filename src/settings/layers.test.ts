import fc from "fast-check";
import { expect, test } from "vitest";
import { Fault } from "../model/index.ts";
import { defaults, type LayerValues, resolveSettings } from "./layers.ts";
import type { Config, Project } from "./settings.schema.ts";

const global = (values: LayerValues): Config => ({ schemaVersion: 1, ...values });
const project = (values: LayerValues): Project => ({ schemaVersion: 1, projectId: "p", projectRoot: "/p", ...values });
const nothing = { global: undefined, project: undefined, env: {}, flags: {} };

const originOf = (input: Parameters<typeof resolveSettings>[0], key: string) =>
  resolveSettings(input).table.find((row) => row.key === key);

test("without any layer the defaults hold", () => {
  const { values, table } = resolveSettings(nothing);
  expect(values).toEqual(defaults);
  expect(table.every((row) => row.origin === "default")).toBe(true);
});

test("later layers win, key by key, and tell where a value comes from", () => {
  const input = {
    global: global({
      timeouts: { idle: 1, hard: 9, byRole: { executor: { idle: 30 }, verifier: { hard: 5 } } },
      qaCommands: { lint: "g", test: "g" },
    }),
    project: project({ timeouts: { idle: 2, byRole: { executor: { hard: 90 } } }, qaCommands: { test: "p" } }),
    env: { OKSTRA_SANDBOX: "off" },
    flags: { maxFixRounds: 0 },
    flagNames: { maxFixRounds: "--max-fix-rounds" },
  };
  const { values } = resolveSettings(input);
  expect(values.timeouts).toEqual({
    ...defaults.timeouts,
    idle: 2,
    hard: 9,
    byRole: { executor: { idle: 30, hard: 90 }, verifier: { hard: 5 } },
  });
  expect(values.qaCommands).toEqual({ lint: "g", test: "p" });
  expect(originOf(input, "timeouts.idle")).toMatchObject({ value: 2, origin: "project" });
  expect(originOf(input, "timeouts.hard")).toMatchObject({ value: 9, origin: "global" });
  expect(originOf(input, "timeouts.soft")).toMatchObject({ value: 20, origin: "default" });
  expect(originOf(input, "sandbox")).toMatchObject({ value: "off", origin: "override", source: "OKSTRA_SANDBOX" });
  expect(originOf(input, "maxFixRounds")).toMatchObject({ value: 0, origin: "override", source: "--max-fix-rounds" });
});

test("agents are laid over field by field", () => {
  const { values } = resolveSettings({
    ...nothing,
    global: global({ agents: { claude: { command: "/opt/claude", env: { A: "1" } } } }),
    project: project({ agents: { claude: { model: "sonnet", env: { B: "2" } } } }),
  });
  expect(values.agents).toEqual({ claude: { command: "/opt/claude", model: "sonnet", env: { A: "1", B: "2" } } });
});

test("null takes a budget away; a flag that is undefined sets nothing", () => {
  const { values } = resolveSettings({
    ...nothing,
    project: project({ budgets: { runUsd: null } }),
    flags: { sandbox: undefined },
  });
  expect(values.budgets).toEqual({ ...defaults.budgets, runUsd: null });
  expect(values.sandbox).toBe("auto");
});

test("OKSTRA_WORKTREE_SYNC_DIRS: commas or colons; set but empty links nothing", () => {
  const configured = { ...nothing, project: project({ worktreeSyncDirs: ["data"] }) };
  const dirs = (value: string | undefined) =>
    resolveSettings({ ...configured, env: { OKSTRA_WORKTREE_SYNC_DIRS: value } }).values.worktreeSyncDirs;
  expect(dirs("a, b:c")).toEqual(["a", "b", "c"]);
  expect(dirs("")).toEqual([]);
  expect(dirs(undefined)).toEqual(["data"]);
});

test("OKSTRA_DEFAULT_EXECUTOR and OKSTRA_DEFAULT_<ROLE>_MODEL", () => {
  const input = {
    ...nothing,
    project: project({ models: { claude: "opus" }, agents: { "acp:my-agent": {} } }),
    env: {
      OKSTRA_DEFAULT_EXECUTOR: "codex",
      OKSTRA_DEFAULT_REPORT_WRITER_MODEL: "haiku",
      OKSTRA_DEFAULT_ACP_MY_AGENT_MODEL: "m",
      OKSTRA_DEFAULT_CODEX_MODEL: " ",
    },
  };
  const { values } = resolveSettings(input);
  expect(values.executor).toBe("codex");
  expect(values.models).toEqual({ claude: "opus", "report-writer": "haiku", "acp:my-agent": "m" });
  expect(originOf(input, "models.report-writer")).toMatchObject({
    origin: "override",
    source: "OKSTRA_DEFAULT_REPORT_WRITER_MODEL",
  });
});

test("a variable that names nobody, or has a wrong value, is refused", () => {
  const reasonOf = (env: Record<string, string>) => {
    try {
      resolveSettings({ ...nothing, env });
    } catch (thrown) {
      if (thrown instanceof Fault) return thrown.failure.reason;
      throw thrown;
    }
    return undefined;
  };
  expect(reasonOf({ OKSTRA_DEFAULT_CLUADE_MODEL: "x" })).toBe("unknown-key");
  expect(reasonOf({ OKSTRA_SANDBOX: "yes" })).toBe("config-unreadable");
  expect(reasonOf({ OKSTRA_HOME: "/x", OKSTRA_SLOT: "3" })).toBeUndefined();
});

test("each row of the table holds the value of the layer that it names", () => {
  const some = fc.record(
    {
      language: fc.constantFrom("en" as const, "ko" as const),
      maxFixRounds: fc.nat(5),
      worktreeSyncDirs: fc.array(fc.constantFrom("a", "b"), { maxLength: 2 }),
      qaCommands: fc.dictionary(fc.constantFrom("lint", "test", "build"), fc.constantFrom("x", "y")),
      convergence: fc.record(
        { enabled: fc.boolean(), maxRounds: fc.integer({ min: 1, max: 3 }) },
        { requiredKeys: [] },
      ),
      timeouts: fc.record(
        { idle: fc.integer({ min: 1, max: 9 }), hard: fc.integer({ min: 1, max: 9 }) },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );
  const at = (values: object, key: string): unknown =>
    key
      .split(".")
      .reduce<unknown>(
        (value, part) => (typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined),
        values,
      );
  fc.assert(
    fc.property(some, some, some, (low, middle, high) => {
      const { values, table } = resolveSettings({
        global: global(low),
        project: project(middle),
        env: {},
        flags: high,
      });
      const layers = { default: defaults, global: low, project: middle, override: high };
      for (const row of table) {
        expect(at(values, row.key)).toEqual(row.value);
        expect(at(layers[row.origin], row.key)).toEqual(row.value);
        const above = { default: [low, middle, high], global: [middle, high], project: [high], override: [] }[
          row.origin
        ];
        for (const layer of above) expect(at(layer, row.key)).toBeUndefined();
      }
    }),
  );
});
