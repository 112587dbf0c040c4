/** Links that a stage adds or changes and that lead out of its tree: what is read or written there is nobody's work to review. */
import { posix } from "node:path";
import type { Host } from "../host/index.ts";
import type { TextsAsk } from "./changed-texts.ts";

const link = "120000";

/** A sentence for each, sorted by path. */
export async function linksOut(host: Host, { repository, base, head }: TextsAsk): Promise<string[]> {
  const raw = await host.git.plain(repository, "diff-tree", "-r", "-z", "--raw", "--no-renames", base, head);
  const fields = raw.split("\0");
  const paths = fields.flatMap((field, at) => {
    const [, mode] = field.startsWith(":") ? field.split(" ") : [];
    const path = fields[at + 1];
    return mode === link && path !== undefined ? [path] : [];
  });
  const targets = await host.git.blobs(repository, head, { paths, most: 4_096 });
  return paths.flatMap((path, at) => {
    const target = new TextDecoder().decode(targets[at] ?? undefined);
    return leadsOut(path, target) ? [`${path} is a link to ${target}, outside the tree`] : [];
  });
}

const leadsOut = (path: string, target: string): boolean =>
  posix.isAbsolute(target) || /^\.\.(\/|$)/.test(posix.join(posix.dirname(path), target));
