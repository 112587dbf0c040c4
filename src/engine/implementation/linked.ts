/**
 * Folders of the main worktree that a stage's worktree links to (`worktreeSyncDirs`), compared before and after its executor. All
 * worktrees and the user's own share them; where nothing confines agents, only this tells that one was changed.
 */
import { join } from "node:path";
import { fact, progress, type Run } from "../run.ts";
import type { StageWork } from "./stage-work.ts";

type Before = { readonly since: number; readonly folders: Readonly<Record<string, string>> };

const found = (round: number): string => `linked:${round}`;

/** To be called before the dispatch of a round; remembered. Looks at nothing where agents cannot write there. */
export const linkedBefore = (run: Run, work: StageWork, round: number): Promise<Before> =>
  fact(run, `linked-before:${round}`, async () => {
    const { clock, files } = run.world.host;
    const since = clock.now();
    const folders: Record<string, string> = {};
    if (run.confinement.confiner === null)
      for (const name of run.project.settings.worktreeSyncDirs)
        folders[name] = (await files.folderState(join(work.repository.mainRoot, name), since)).sha256;
    return { since, folders };
  });

/** What changed since, one sentence a folder; remembered. */
export const linkedDuring = (run: Run, work: StageWork, round: number): Promise<readonly string[]> =>
  fact(run, found(round), async () => {
    const { since, folders } = await linkedBefore(run, work, round);
    const changes: string[] = [];
    for (const [name, before] of Object.entries(folders)) {
      const path = join(work.repository.mainRoot, name);
      const { sha256, changed } = await run.world.host.files.folderState(path, since);
      if (sha256 === before) continue;
      const files = changed.map((file) => `${name}/${file}`);
      const more = files.length > 3 ? ` and ${files.length - 3} more` : "";
      const what = files.length === 0 ? "" : `: ${files.slice(0, 3).join(", ")}${more}`;
      changes.push(`${path}, which worktrees link to, was changed while the executor worked${what}`);
    }
    if (changes.length > 0) await progress(run, "phase-5-collect", `linked-folders-changed=${changes.length}`);
    return changes;
  });

/** What was found in all rounds of the run. */
export const linkedChanges = (run: Run, rounds: number): readonly string[] =>
  Array.from({ length: rounds + 1 }, (_, round) => (run.memory.facts.get(found(round)) ?? []) as string[]).flat();
