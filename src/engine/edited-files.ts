/**
 * What a person read before deciding: Markdown and page of a report whose data is proven. Where either was edited, the hash that the
 * person gives proves nothing of what they saw.
 */
import { runPaths } from "../lifecycle/index.ts";
import type { Approval } from "../lifecycle/task.schema.ts";
import { type RunRef, take } from "../model/index.ts";
import { readHead } from "../registry/index.ts";
import { render } from "../report/index.ts";
import type { Report } from "../report/report.schema.ts";
import { sha256 } from "./prepare/task.ts";
import { writtenAtEnd } from "./sealed.ts";
import type { World } from "./world.ts";

/**
 * The paths of files that okstra did not write; none when both are as the run's end, the record in the home or one of `forms` (the
 * report's data as it may have been rendered) has them. One that is missing showed nobody anything.
 */
export async function editedFiles(
  world: World,
  projectRoot: string,
  of: { readonly ref: RunRef; readonly forms: readonly Report[] },
): Promise<string[]> {
  const { files } = world.host;
  const paths = runPaths(projectRoot, of.ref);
  const known = take(await readHead(world.host, world.home, of.ref));
  const ended = known === undefined ? undefined : await writtenAtEnd(world, projectRoot, of.ref, known.sha256);
  const text = await files.readText(paths.approval);
  const isKnown = text !== undefined && known?.approvalSha256 === sha256(text);
  const approved = isKnown ? (JSON.parse(text) as Approval).after : undefined;
  const edited: string[] = [];
  for (const [path, name] of [
    [paths.reportMarkdown, "markdown"],
    [paths.reportHtml, "html"],
  ] as const) {
    const hash = await files.hash(path);
    if (hash === undefined || hash === ended?.[name] || hash === approved?.[name]) continue;
    if (!of.forms.some((form) => sha256(render(form)[name]) === hash)) edited.push(path);
  }
  return edited;
}
