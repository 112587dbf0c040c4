/**
 * Two suites: `main` runs at each change, `deep` (test/deep) is for what takes minutes. Without isolation they are ten times
 * faster than by default; a test must therefore leave no global changed behind. Processes, not threads: starting a program
 * takes the longer the more memory the starting process has, and threads share one that has much (a third of all time).
 */
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What waits for processes takes longest, whatever the size of its file: begun first, it does not outlast all others. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number =>
      /\/test\/(e2e|real-|deep\/(kill|remove|race|lifecycle|full-disk|histories|tree-races))/.test(moduleId)
        ? 0
        : /\/src\/(agents|evidence|host|worktrees)\//.test(moduleId)
          ? 1
          : 2;
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  define: { OKSTRA_VERSION: JSON.stringify("0.0.0-test") },
  test: {
    pool: "forks",
    // Most tests wait for processes: one more than two cores have to do.
    maxWorkers: Math.max(3, availableParallelism()),
    isolate: false,
    sequence: { sequencer: LongestFirst },
    passWithNoTests: true,
    setupFiles: ["test/setup/seed.ts"],
    env: { TZ: "UTC" },
    projects: [
      {
        extends: true,
        test: {
          name: "main",
          globalSetup: ["test/setup/once.ts"],
          include: ["src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: ["test/deep/**", "**/node_modules/**"],
          // Room for a busy machine; nothing waits for it to pass.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "deep",
          globalSetup: ["test/setup/once.ts"],
          include: ["test/deep/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
