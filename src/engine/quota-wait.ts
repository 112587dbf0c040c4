/**
 * What a command does about a run that a used-up quota paused: it waits and goes on with it, where the setting `quota.waitHours` allows.
 * The run is ended as `quota-paused` meanwhile and holds nothing, so a kill or Ctrl-C while it waits changes nothing.
 *
 *   executing --quota--> paused (in the journal) --waitHours is 0, or the time is further away--> the command ends, exit 5
 *       ^                   |
 *       |                   v
 *       '--- taken up <-- waiting: until the time that the provider gave; where it gave none, or that is over and the quota is not there,
 *            again           |     okstra's own back-off: 1, 2, 4 ... at most 60 minutes, from 1 again once an agent has answered
 *                            '-- Ctrl-C, or resumed by another process: the command ends
 */
import { type RunEvent, shellWord } from "../model/index.ts";
import { Bell } from "./bell.ts";
import type { OpenRun } from "./run.ts";

const minute = 60_000;
const hour = 60 * minute;

export type QuotaPause = {
  /** The latest time that a provider gave in this pause (ISO 8601); none is made up. */
  readonly resetAt: string | null;
  /** Pauses one after the other without an answer between them, this one too. */
  readonly inARow: number;
};

/** How the run stands, if a quota paused it. Pure. */
export function quotaPauseOf(events: readonly RunEvent[]): QuotaPause | undefined {
  const last = events.at(-1);
  if (last?.type !== "run.ended" || last.data.outcome !== "quota-paused") return undefined;
  const asked = new Set(last.data.askAgain ?? []);
  const times = new Map<string, string | null>();
  let inARow = 0;
  for (const event of events) {
    if (event.type === "dispatch.done") {
      if (asked.has(event.data.name)) times.set(event.data.name, event.data.resetAt ?? null);
      if (event.data.status === "completed") inARow = 0;
    } else if (event.type === "run.ended") inARow = event.data.outcome === "quota-paused" ? inARow + 1 : 0;
  }
  const given = [...times.values()].filter((time) => time !== null).sort();
  return { resetAt: given.at(-1) ?? null, inARow };
}

export type NextTry = { readonly at: number; readonly by: "provider" | "back-off" };

/** When to try again, in milliseconds since the epoch. Pure. */
export function nextTry({ resetAt, inARow }: QuotaPause, now: number): NextTry {
  const given = resetAt === null ? Number.NaN : Date.parse(resetAt);
  if (given > now) return { at: given, by: "provider" };
  return { at: now + Math.min(hour, minute * 2 ** (Math.max(1, inARow) - 1)), by: "back-off" };
}

type Paused = Pick<OpenRun, "world" | "id"> & {
  readonly project: { readonly settings: Pick<OpenRun["project"]["settings"], "quota"> };
  readonly paths: Pick<OpenRun["paths"], "journal">;
  readonly journal: { readonly events: readonly RunEvent[] };
};

/** Waits as long as it makes sense; false where the run stays paused. `since`: when this command first waited for it. */
export async function outwaitQuota(run: Paused, since: number): Promise<boolean> {
  const { host, say } = run.world;
  const pause = quotaPauseOf(run.journal.events);
  const most = run.project.settings.quota.waitHours * hour;
  if (pause === undefined || most === 0) return false;
  const next = nextTry(pause, host.clock.now());
  const until = new Date(next.at).toISOString();
  if (next.at > since + most) {
    say(`${run.id} would be tried again at ${until}; quota.waitHours is ${run.project.settings.quota.waitHours}`);
    return false;
  }
  const why =
    next.by === "provider" ? "the time that the provider gave" : "the provider gave none; okstra's own back-off";
  say(
    `${run.id} waits for a quota until ${until} (${why}); Ctrl-C ends the waiting, okstra resume ${shellWord(run.id)} goes on`,
  );
  const sizeOf = async () => (await host.files.look(run.paths.journal))?.size;
  const size = await sizeOf();
  const bell = new Bell(run.world, run.paths.journal);
  try {
    while (host.clock.now() < next.at) {
      await bell.rings();
      if ((await sizeOf()) === size) continue;
      say(`${run.id} was taken up by another process`);
      return false;
    }
    return true;
  } catch (thrown) {
    if (run.world.signal.aborted) return false;
    throw thrown;
  } finally {
    bell.stop();
  }
}
