import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { testRepository } from "../../test/repository.ts";
import type { RunEvent } from "../model/index.ts";
import { nextTry, outwaitQuota, quotaPauseOf } from "./quota-wait.ts";

/** With what these rules read of an event, and nothing else. */
const event = (of: { readonly type: RunEvent["type"]; readonly data: object }) => of as RunEvent;
const done = (name: string, resetAt: string | null = null, status = "error") =>
  event({ type: "dispatch.done", data: { name, status, resetAt } });
const paused = (...askAgain: string[]) => event({ type: "run.ended", data: { outcome: "quota-paused", askAgain } });
const ended = (outcome: string) => event({ type: "run.ended", data: { outcome } });
const early = "2026-01-01T10:00:00Z";
const late = "2026-01-01T11:00:00Z";

test("a pause has the latest time that was given for those that are asked again, and none where none was", () => {
  expect(quotaPauseOf([])).toBeUndefined();
  expect(quotaPauseOf([paused("a"), ended("cancelled")])).toBeUndefined();
  expect(quotaPauseOf([done("a"), paused("a")])).toEqual({ resetAt: null, inARow: 1 });
  const both = [done("a", early), done("b", late), done("c", "2030-01-01T00:00:00Z"), paused("a", "b")];
  expect(quotaPauseOf(both)).toEqual({ resetAt: late, inARow: 1 });
  // What it said the last time counts.
  expect(quotaPauseOf([...both, done("b"), paused("b")])).toEqual({ resetAt: null, inARow: 2 });
});

test("pauses are counted until an agent answers or the run ends otherwise", () => {
  const again = [done("a"), paused("a"), done("a"), paused("a"), done("a"), paused("a")];
  expect(quotaPauseOf(again)?.inARow).toBe(3);
  expect(quotaPauseOf([...again, done("a", null, "completed"), done("b"), paused("b")])?.inARow).toBe(1);
  expect(quotaPauseOf([...again, ended("cancelled"), done("b"), paused("b")])?.inARow).toBe(1);
});

test("the provider's time when it is to come; else a back-off that doubles from a minute to an hour", () => {
  const now = Date.parse(early);
  expect(nextTry({ resetAt: late, inARow: 5 }, now)).toEqual({ at: Date.parse(late), by: "provider" });
  const waits = [1, 2, 3, 4, 5, 6, 7, 8].map((inARow) => nextTry({ resetAt: null, inARow }, now));
  expect(waits.map(({ at }) => (at - now) / 60_000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  for (const resetAt of [early, "soon", "2020-01-01T00:00:00Z"])
    expect(nextTry({ resetAt, inARow: 1 }, now)).toEqual({ at: now + 60_000, by: "back-off" });
});

test("for any pause the next try lies ahead; without the provider's word within the hour, never sooner than before", () => {
  const any = fc.record({
    resetAt: fc.option(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })),
    inARow: fc.nat(2_000),
    now: fc.integer({ min: 0, max: 4e12 }),
  });
  fc.assert(
    fc.property(any, ({ resetAt, inARow, now }) => {
      const pause = { resetAt: resetAt?.toISOString() ?? null, inARow };
      const { at, by } = nextTry(pause, now);
      expect(at).toBeGreaterThan(now);
      if (by === "provider") expect(at).toBe(resetAt?.getTime());
      else expect(at - now).toBeLessThanOrEqual(3_600_000);
      expect(nextTry({ ...pause, inARow: inARow + 1 }, now).at).toBeGreaterThanOrEqual(at);
    }),
  );
});

/** A paused run with a clock of its own: each look at it is half a minute later. */
function waiting(events: readonly RunEvent[], waitHours: number) {
  const repo = testRepository();
  const said: string[] = [];
  const stop = new AbortController();
  const journal = join(repo.folder, "journal.jsonl");
  repo.write(journal, "one\n");
  let now = Date.parse(early);
  const clock = {
    ...repo.host.clock,
    now: () => {
      now += 30_000;
      return now;
    },
  };
  // It rings at once, so that nothing waits for real time.
  const watch = (_path: string, _sweepMs: number, ring: () => void): (() => void) => {
    const ringing = setInterval(ring, 1);
    return () => clearInterval(ringing);
  };
  const host = { ...repo.host, clock, files: { ...repo.host.files, watch } };
  const world = { host, home: repo.home, okstraVersion: "0", listen: () => {}, say: (line: string) => said.push(line) };
  const run = {
    ...{ id: "a/b/c@error-analysis#001", world: { ...world, signal: stop.signal }, journal: { events } },
    project: { settings: { quota: { waitHours } } },
    paths: { journal },
  };
  return { run, said, stop, repo, journal, since: now };
}

test("waits as long as the settings allow, says for what, and stops with the command or when another takes the run up", async () => {
  const off = waiting([done("a"), paused("a")], 0);
  using _off = off.repo;
  expect([await outwaitQuota(off.run, off.since), off.said]).toEqual([false, []]);

  const short = waiting([done("a", late), paused("a")], 0.5);
  using _short = short.repo;
  expect(await outwaitQuota(short.run, short.since)).toBe(false);
  expect(short.said).toEqual([
    "a/b/c@error-analysis#001 would be tried again at 2026-01-01T11:00:00.000Z; quota.waitHours is 0.5",
  ]);

  const given = waiting([done("a", late), paused("a")], 2);
  using _given = given.repo;
  expect(await outwaitQuota(given.run, given.since)).toBe(true);
  expect(given.said).toEqual([
    expect.stringMatching(/waits for a quota until 2026-01-01T11:00:00.000Z \(the time that the provider gave\)/),
  ]);

  const unknown = waiting([done("a"), paused("a")], 2);
  using _unknown = unknown.repo;
  expect(await outwaitQuota(unknown.run, unknown.since)).toBe(true);
  expect(unknown.said).toEqual([expect.stringMatching(/until 2026-01-01T10:01:30.000Z \(the provider gave none;/)]);

  const stopped = waiting([done("a", late), paused("a")], 2);
  using _stopped = stopped.repo;
  stopped.stop.abort();
  expect(await outwaitQuota(stopped.run, stopped.since)).toBe(false);

  const taken = waiting([done("a", late), paused("a")], 2);
  using _taken = taken.repo;
  const answer = outwaitQuota(taken.run, taken.since);
  taken.repo.write(taken.journal, "one\ntwo, written by another\n");
  expect([await answer, taken.said.at(-1)]).toEqual([false, expect.stringContaining("taken up by another process")]);
});
