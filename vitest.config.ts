/**
 * Two suites: `main` runs at each change, `deep` (test/deep) is for what takes minutes. Threads without isolation are ten
 * times faster than the default; a test must therefore leave no global changed behind.
 */
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Whole runs take longest, whatever the size of their file: begun first, they do not outlast all others at the end. */
class WholeRunsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isWhole = ({ moduleId }: TestSpecification): boolean => moduleId.includes("/test/e2e/");
    const sorted = await super.sort(files);
    return [...sorted.filter(isWhole), ...sorted.filter((file) => !isWhole(file))];
  }
}

export default defineConfig({
  define: { OKSTRA_VERSION: JSON.stringify("0.0.0-test") },
  test: {
    pool: "threads",
    // Most tests wait for processes: one more than two cores have to do.
    maxWorkers: Math.max(3, availableParallelism()),
    isolate: false,
    sequence: { sequencer: WholeRunsFirst },
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
