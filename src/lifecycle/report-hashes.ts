/** Which hashes a run's end noted of its report. */
import { relative } from "node:path";
import type { RunRef } from "../model/index.ts";
import { runPaths, taskPaths } from "./paths.ts";

type Artifact = { readonly path: string; readonly sha256: string };

/** SHA-256 (64 hex) of each file; undefined where none was noted. */
export type ReportHashes = Record<"data" | "markdown" | "html", string | undefined>;

/** `artifacts`: of the event `run.ended`, by their paths in the task's folder. */
export function reportHashes(projectRoot: string, run: RunRef, artifacts: readonly Artifact[]): ReportHashes {
  const { folder } = taskPaths(projectRoot, run.key);
  const hashOf = (path: string) => artifacts.find((artifact) => artifact.path === relative(folder, path))?.sha256;
  const { reportData, reportMarkdown, reportHtml } = runPaths(projectRoot, run);
  return { data: hashOf(reportData), markdown: hashOf(reportMarkdown), html: hashOf(reportHtml) };
}
