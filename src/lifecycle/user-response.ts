/**
 * The file in which a person answers questions: saved by a report's page, or written by hand. Pure.
 *
 *   ---                        front: whose answers these are; may be missing
 *   task-key: "p/g/t"
 *   ---
 *   ## C-001                   an answer: from the heading to the next one
 *   > the question             the quote right below the heading is not part of it
 *   the answer                 a line that begins with `#`, `>` or `\` has a `\` before it
 *
 * The script of the page (src/report/html/script.ts) writes the answers in the same form.
 */
import { fault } from "../model/index.ts";

export type GivenAnswer = { readonly id: string; readonly text: string };
/** `taskKey` and `run`: whose questions are answered, and in which report they stood; null when the file does not say. */
export type UserResponse = {
  readonly taskKey: string | null;
  readonly run: string | null;
  readonly answers: readonly GivenAnswer[];
};

/** What stands above the answers. */
export const userResponseHead = (of: { readonly taskKey: string; readonly run: string }): string =>
  `---\nokstra: user-response\ntask-key: ${JSON.stringify(of.taskKey)}\nrun: ${JSON.stringify(of.run)}\n---\n`;

/** Faults: `answers-unreadable` when an item is answered twice, or nothing is answered. `path` names the file in messages. */
export function readUserResponse(text: string, path: string): UserResponse {
  const lines = text
    .replace(/^\ufeff/, "")
    .replace(/\r\n?/g, "\n")
    .split("\n");
  const { rest, ...about } = front(lines);
  const found = rest.flatMap((line, at) => {
    const id = heading.exec(line)?.[1];
    return id === undefined ? [] : [{ id: id.toUpperCase(), at }];
  });
  const answers = found
    .map(({ id, at }, index) => ({ id, text: answerOf(rest.slice(at + 1, found[index + 1]?.at)) }))
    .filter((one) => one.text !== "");
  const twice = answers.find(({ id }, at) => answers.findIndex((one) => one.id === id) !== at);
  if (twice !== undefined)
    throw fault("answers-unreadable", `${path} answers ${twice.id} twice`, "Leave one of the two answers", {
      path,
      id: twice.id,
    });
  if (answers.length === 0)
    throw fault("answers-unreadable", `${path} holds no answer`, 'Write each answer below a line "## C-001"', { path });
  return { ...about, answers };
}

const heading = /^#{1,6}[ \t]+(C-\d{3,})(?![\w-])/i;

type Front = Omit<UserResponse, "answers"> & { readonly rest: readonly string[] };

/** The front of the file; a key that cannot be read counts as none. */
function front(lines: readonly string[]): Front {
  const end = lines[0]?.trim() === "---" ? lines.findIndex((line, at) => at > 0 && line.trim() === "---") : -1;
  const said = (key: string): string | null => {
    const found = lines.slice(1, Math.max(end, 1)).find((line) => line.startsWith(`${key}:`));
    const value = found?.slice(key.length + 1).trim();
    return value === undefined || value === "" ? null : value.replace(/^"(.*)"$/, "$1");
  };
  return { taskKey: said("task-key"), run: said("run"), rest: lines.slice(end + 1) };
}

function answerOf(lines: readonly string[]): string {
  const first = lines.findIndex((line) => line.trim() !== "");
  if (first === -1) return "";
  const quoted = lines.slice(first).findIndex((line) => !line.startsWith(">"));
  const said = quoted === -1 ? [] : lines.slice(first + quoted);
  return said
    .map((line) => line.replace(/^\\(?=[\\#>])/, ""))
    .join("\n")
    .trim();
}
