/**
 * Reports whose bytes are still those that okstra wrote. What was checked when they were written holds then, so read commands
 * take them without schema and without rendering. What proves it lies in the home: the hash of the approval record, or that of
 * the journal's last line, which is the run's end and holds the hash of each artifact. Whatever is not proven is not taken:
 * the caller then checks everything.
 */
import { type ReportHashes, reportHashes, runPaths } from "../lifecycle/index.ts";
import type { Approval } from "../lifecycle/task.schema.ts";
import { type RunRef, take } from "../model/index.ts";
import { readHead } from "../registry/index.ts";
import { sha256 } from "./prepare/task.ts";
import type { World } from "./world.ts";

export type Sealed<R> = {
  readonly data: R;
  readonly dataText: string;
  readonly markdown: string;
  readonly record: Approval | null;
};

/** The run's report, or undefined when it is not proven to be what okstra wrote. `R` is what was written there. */
export async function sealedReport<R>(world: World, projectRoot: string, ref: RunRef): Promise<Sealed<R> | undefined> {
  const { files } = world.host;
  const paths = runPaths(projectRoot, ref);
  const [head, data, markdown, approval] = await Promise.all([
    readHead(world.host, world.home, ref),
    files.readText(paths.reportData),
    files.readText(paths.reportMarkdown),
    files.readText(paths.approval),
  ]);
  const known = take(head);
  if (known === undefined || data === undefined || markdown === undefined) return undefined;
  if ((known.approvalSha256 === null) !== (approval === undefined)) return undefined;
  const record = approval === undefined ? null : recordOf(approval, known.approvalSha256);
  if (record === undefined) return undefined;
  const wanted = record?.after ?? (await writtenAtEnd(world, projectRoot, ref, known.sha256));
  if (wanted?.data !== sha256(data) || wanted.markdown !== sha256(markdown)) return undefined;
  return { data: JSON.parse(data) as R, dataText: data, markdown, record };
}

/** Whether this is the data with which the run ended, whatever became of the file since. */
export async function isAsWritten(
  world: World,
  projectRoot: string,
  { ref, dataText }: { readonly ref: RunRef; readonly dataText: string },
): Promise<boolean> {
  const known = take(await readHead(world.host, world.home, ref));
  const ended = known === undefined ? undefined : await writtenAtEnd(world, projectRoot, ref, known.sha256);
  return ended?.data === sha256(dataText);
}

/** The record of a decision; undefined when it is another than the home knows, or neither. */
function recordOf(text: string, expected: string | null): Approval | undefined {
  if (sha256(text) !== expected) return undefined;
  return JSON.parse(text) as Approval;
}

/** What the run's end says of its report; undefined when the journal's last line is not that end or not the one that the home knows. */
export async function writtenAtEnd(
  world: World,
  projectRoot: string,
  ref: RunRef,
  lastLine: string,
): Promise<ReportHashes | undefined> {
  const paths = runPaths(projectRoot, ref);
  const bytes = await world.host.files.readTail(paths.journal, 256 * 1024);
  const line = bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8").trimEnd().split("\n").at(-1);
  if (line === undefined || sha256(line) !== lastLine) return undefined;
  const event = JSON.parse(line) as { type: string; data: { artifacts?: { path: string; sha256: string }[] } };
  if (event.type !== "run.ended") return undefined;
  return reportHashes(projectRoot, ref, event.data.artifacts ?? []);
}
