/** Answers that a person wrote into a file, on a report's page or by hand, taken as if each had been given with `okstra answer`. */
import { readUserResponse, runPaths, type UserResponse } from "../lifecycle/index.ts";
import type { Clarification, TaskManifest } from "../lifecycle/task.schema.ts";
import { fault, readRun, shellWord, take } from "../model/index.ts";
import { readClarifications, taskLock, withLock, writeClarification } from "../registry/index.ts";
import { answerTo, type Decision, opened, personOf } from "./decide.ts";
import { readGiven } from "./given-file.ts";
import { nowOf, placeOf, type World } from "./world.ts";

const largestFile = 1_000_000;

/**
 * All answers of the file or none. One that stands already, also one that a run has taken in, is passed over: the same file may be
 * given again. The run whose report asked keeps a copy of the file. Returns the items that are answered now.
 */
export async function answerFromFile(
  world: World,
  ask: Decision & { readonly file: string },
): Promise<readonly Clarification[]> {
  const { project, task } = await opened(world, ask, "--clarification-response");
  const { text, path } = await readFile(world, ask);
  const response = take(readUserResponse(text, path));
  refuseOtherTask(response, task, path);
  const place = placeOf(world, project.projectRoot, ask.key);
  return await withLock(world.host, taskLock(world.home, ask.key), "answers from a file", async () => {
    const items = take(await readClarifications(world.host, place));
    const by = { who: await personOf(world, project), time: nowOf(world) };
    const answered = response.answers.flatMap(({ id, text: said }) => {
      const stands = items.find((one) => one.id === id)?.userInput?.trim();
      return stands === said ? [] : [answerTo(task, items, { id, text: said, ...by })];
    });
    for (const item of answered) take(await writeClarification(world.host, place, item));
    const ref = readRun(askedIn(response, task));
    await world.host.files.replaceFile(runPaths(project.projectRoot, ref).userResponse, text);
    return answered;
  });
}

async function readFile(world: World, ask: { cwd: string; file: string }): Promise<{ path: string; text: string }> {
  const given = await readGiven(world, ask.cwd, ask.file, largestFile);
  if ("text" in given) return given;
  const why =
    given.why === null
      ? `There are no answers at ${given.path}`
      : `The answers ${given.path} cannot be used: ${given.why}`;
  throw fault(
    "answers-unreadable",
    why,
    "Save them on the report's page and give the path of that file with --clarification-response",
    { path: given.path },
  );
}

function refuseOtherTask({ taskKey }: UserResponse, task: TaskManifest, path: string): void {
  if (taskKey === null || taskKey === task.key) return;
  throw fault(
    "answers-unreadable",
    `${path} answers questions of ${taskKey}, not of ${task.key}`,
    `Give it to its own task: okstra go ${shellWord(taskKey)} --clarification-response ${shellWord(path)}`,
    { path, taskKey },
  );
}

/** The run that the file names, if it is the task's; else the newest. */
function askedIn({ run }: UserResponse, task: TaskManifest): string {
  const found = task.runs.find(({ id }) => id === run) ?? task.runs.at(-1);
  if (found === undefined) throw new Error(`${task.key} has questions and no run`);
  return found.id;
}
