/**
 * Takes out of a text what no two runs share, and nothing else: times, commit ids, temporary paths, process ids and
 * durations. Each is named by order of appearance. The same commit, path or process keeps its name, so that a golden
 * still shows who is who; times and durations are numbered one by one, since two are equal by accident only.
 */
import { tmpdir } from "node:os";

export type Known = {
  /** Folders that stand for a whole: what lies below them stays readable. */
  readonly paths?: readonly string[];
};

export function normalise(text: string, known: Known = {}): string {
  const commits = new Map<string, string>();
  return [pathsOf(known.paths ?? []), times, (was: string) => fullCommits(was, commits), pids, durations]
    .reduce((was, step) => step(was), text)
    .replaceAll(/(?<![\w<-])[0-9a-f]{7,12}(?![\w>-])/g, (short) => abbreviated(short, commits));
}

const pathsOf = (roots: readonly string[]) => (text: string) => {
  const temporary = `${literally(tmpdir())}/[\\w.+-]+`;
  const any = [...roots].sort((a, b) => b.length - a.length).map(literally);
  return text.replaceAll(new RegExp([...any, temporary].join("|"), "g"), byValue("path"));
};

/** ISO 8601, a time of day, or milliseconds since 1970. */
const times = (text: string): string =>
  text.replaceAll(
    /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?|\b\d\d:\d\d:\d\d\b|\b1[6-9]\d{11}\b/g,
    byTurn("time"),
  );

function fullCommits(text: string, names: Map<string, string>): string {
  return text.replaceAll(/\b[0-9a-f]{40}\b/g, (id) => {
    const name = names.get(id) ?? `<commit-${names.size + 1}>`;
    names.set(id, name);
    return name;
  });
}

/** The short form of a commit that also appears in full; any other word of these letters stays. */
function abbreviated(short: string, names: ReadonlyMap<string, string>): string {
  for (const [id, name] of names) if (id.startsWith(short)) return name;
  return short;
}

const pids = (text: string): string => text.replaceAll(/(?<=\bpid"?[ :=]+)\d+\b/gi, byValue("pid"));

/** "12 ms", "1.5 s", "2 min 5 s", and a number under a key that ends in Ms. */
const durations = (text: string): string =>
  text.replaceAll(/\b\d+(\.\d+)? ?(ms|s|min|h)\b( \d+ ?(s|min)\b)?|(?<=[a-z]Ms"?: ?)\d+(\.\d+)?/g, byTurn("duration"));

function byValue(kind: string): (value: string) => string {
  const seen = new Map<string, string>();
  return (value) => {
    const name = seen.get(value) ?? `<${kind}-${seen.size + 1}>`;
    seen.set(value, name);
    return name;
  };
}

function byTurn(kind: string): () => string {
  let turn = 0;
  return () => `<${kind}-${++turn}>`;
}

const literally = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
