/** What the scripted agent does to a repository, through a real dispatch: its acts, and the harm that it can do on purpose. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { asked, asking } from "../../../test/dispatch.ts";
import { type TestRepository, testRepository } from "../../../test/repository.ts";
import { driverFor } from "../index.ts";

const inRepository = (body: (repo: TestRepository) => Promise<void>) => async () => {
  using repo = testRepository();
  await body(repo);
};
const executor = {
  address: { role: "executor", purpose: "execute", taskType: "implementation", stage: 1 },
  access: "workspace-write",
} as const;

const work = `  - when: {role: executor, stage: 1}
    do:
      - write: {src/new.js: "export const one = 1;\\n", README.md: null}
      - replace: {path: src/app.js, old: one, new: two}
      - commit: "test(app): see it fail\\n\\nOkstra-Step: 1.1"
        paths: [src/new.js]
      - copy: {from: files, to: src/copied}
      - run: grep -q two src/app.js
      - commit: "feat(app): two\\n\\nOkstra-Step: 1.1"
    result: {good: 1, first: "{{commit.1}}", second: "{{commit.2}}", head: "{{head}}"}`;

describe.concurrent("acts", () => {
  test(
    "write, replace, copy, run and commit, as the worker, with trailers; the result names the commits",
    inRepository(async (repo) => {
      repo.write(join(repo.folder, "files/a.js"), "a\n");
      const { outcome } = await asked(repo, work, executor);
      expect(outcome).toMatchObject({ status: "completed", notes: [], tools: { edit: 1, git: 2, shell: 1, write: 2 } });
      const log = repo.git(
        repo.root,
        "log",
        "--format=%s|%an|%cn|%(trailers:key=Okstra-Step,valueonly,separator=%x2C)",
        "--name-status",
        "main",
        `^${repo.start}`,
      );
      expect(log.split("\n").filter(Boolean)).toEqual([
        "feat(app): two|scripted claude|scripted claude|1.1",
        "D\tREADME.md",
        "M\tsrc/app.js",
        "A\tsrc/copied/a.js",
        "test(app): see it fail|scripted claude|scripted claude|1.1",
        "A\tsrc/new.js",
      ]);
      const [head, first] = repo.git(repo.root, "rev-list", "main", `^${repo.start}`).split("\n");
      expect(JSON.parse(outcome.resultText ?? "")).toEqual({ good: 1, first, second: head, head });
      expect(repo.git(repo.root, "status", "--porcelain")).toBe("");
    }),
  );

  test(
    "played again where they were played before change nothing and name the same commits",
    inRepository(async (repo) => {
      repo.write(join(repo.folder, "files/a.js"), "a\n");
      const once = await asked(repo, work, executor);
      const again = await asked(repo, work, { ...executor, address: { ...executor.address, attempt: 2 } });
      expect(again.outcome).toMatchObject({ status: "completed", resultText: once.outcome.resultText });
    }),
  );

  test(
    "that cannot be done fail with the reason",
    inRepository(async (repo) => {
      for (const [act, says] of [
        ["{replace: {path: src/app.js, old: absent, new: b}}", 'src/app.js does not hold "absent"'],
        ["{replace: {path: none.js, old: a, new: b}}", "there is no file none.js"],
        ["{puppet: nobody.sock}", "nobody listens at"],
        ["{run: 'false'}", '"false" exited with 1'],
      ]) {
        const { outcome } = await asked(repo, `  - {when: {}, do: [${act}], result: {good: 1}}`);
        expect(outcome).toMatchObject({ status: "error", reason: "agent-failed", failure: { kind: "deterministic" } });
        expect(outcome.message).toContain(says);
      }
      const hole = await asked(repo, "  - {when: {}, result: {good: '{{commit.1}}'}}");
      expect(hole.outcome.message).toContain("{{commit.1}}, but only 0 commits were made");
    }),
  );
});

describe.concurrent("harm", () => {
  const harm = (misbehave: string): string => `  - {when: {}, do: [{${misbehave}}], result: {good: 1}}`;

  test(
    "outside the tree, on another branch, to history",
    inRepository(async (repo) => {
      await asked(repo, harm("misbehave: write-outside, detail: ../stray.txt"));
      expect(repo.read(join(repo.folder, "stray.txt"))).toBe("Written by claude\n");
      await asked(repo, harm("misbehave: commit-elsewhere, detail: other"));
      expect(repo.git(repo.root, "rev-parse", "other^")).toBe(repo.start);
      expect(repo.git(repo.root, "rev-parse", "HEAD")).toBe(repo.start);
      await asked(repo, harm("misbehave: rewrite-history"));
      expect(repo.git(repo.root, "rev-list", "HEAD").split("\n")).not.toContain(repo.start);
    }),
  );

  test(
    "to hooks and config, which git then runs",
    inRepository(async (repo) => {
      await asked(repo, harm("misbehave: plant-hook"));
      await asked(repo, harm("misbehave: plant-config"));
      repo.commit(repo.root, { "b.txt": "b\n" });
      repo.git(repo.root, "status");
      expect(existsSync(join(repo.root, ".git/hooks/planted-hook-ran"))).toBe(true);
      expect(existsSync(join(repo.root, ".git/planted-config-ran"))).toBe(true);
    }),
  );

  test(
    "to the whole tree, which does not undo a result",
    inRepository(async (repo) => {
      const { outcome } = await asked(repo, harm("misbehave: delete-worktree"));
      expect(outcome).toMatchObject({ status: "completed", value: { good: 1 } });
      expect(existsSync(repo.root)).toBe(false);
    }),
  );
});

describe.concurrent("the driver", () => {
  test(
    "detects its program and says what is missing",
    inRepository(async (repo) => {
      const { driver, config } = asking(repo, "  - {when: {}}");
      expect(await driver.detect(repo.host, config)).toMatchObject({ present: true, loggedIn: true });
      expect(await driver.detect(repo.host, {})).toMatchObject({ present: false, note: "no scenario is set" });
    }),
  );

  test(
    "takes each worker's vendor from the scenario and refuses a worker that has none",
    inRepository(async (repo) => {
      const { driver, config } = asking(repo, "  - {when: {}}");
      expect(await driver.family(repo.host, config, "codex")).toBe("openai");
      await expect(driver.family(repo.host, config, "gemini")).rejects.toMatchObject({
        failure: { reason: "scenario-invalid" },
      });
      await expect(driver.family(repo.host, { scenario: "/none.yaml" }, "codex")).rejects.toMatchObject({
        failure: { reason: "scenario-invalid" },
      });
      expect(driverFor("scripted")).toMatchObject({ ok: true, value: { defaultModel: "scripted" } });
    }),
  );
});
