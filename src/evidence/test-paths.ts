/** Which paths of a project are tests. Pure. */
import { matchesGlob } from "../settings/index.ts";

/** Folders and names that the specification counts as the source's test tree, and what other languages call their tests. */
const testGlobs = [
  "test/**",
  "tests/**",
  "**/test/**",
  "**/tests/**",
  "**/__test__/**",
  "**/__tests__/**",
  "*.spec.*",
  "*.test.*",
  "spec/**",
  "*_test.go",
  "test_*.py",
  "*_test.py",
  "*_spec.rb",
  "*_test.rb",
  "*Test.java",
  "*Tests.java",
  "*Test.kt",
  "*Tests.cs",
  "*Test.php",
  "*_test.dart",
  "*_test.exs",
  "*Tests.swift",
] as const;

/** Whether a file's place or name says that it is a test. */
export const isTestPath = (path: string): boolean => testGlobs.some((glob) => matchesGlob(path, glob));

/** Files whose tests stand beside the code they test: there the text decides. */
export const mayHoldTests = (path: string): boolean =>
  isTestPath(path) || path.endsWith(".rs") || path.startsWith("src/");
