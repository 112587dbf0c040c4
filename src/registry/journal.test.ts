import { appendFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type TestFolder, testFolder } from "../../test/folder.ts";
import type { Host } from "../host/index.ts";
import { homePaths, runPaths } from "../lifecycle/index.ts";
import { fault, type JournalEvent, type RunEvent, type RunRef, take } from "../model/index.ts";
import {
  createJournal,
  openJournal,
  readHead,
  readJournal,
  saveApprovalHead,
  type TaskPlace,
  verifyJournal,
} from "./index.ts";

const key = { project: "Shop", group: "Q3", task: "Cart" };
const run: RunRef = { key, taskType: "implementation", stage: 2, seq: 1 };
const first: RunEvent = { type: "run.prepared", data: { run: "r", invocation: {}, manifestSha256: "0" } };
const step = (name: string): RunEvent => ({ type: "step.started", data: { step: name } });

const placeOf = (rig: TestFolder): TaskPlace => ({ host: rig.host, home: rig.home, projectRoot: rig.root, key });
const pathOf = (rig: TestFolder): string => runPaths(rig.root, run).journal;
const create = async (rig: TestFolder, host = rig.host) => take(await createJournal(host, placeOf(rig), run, first));
const open = async (rig: TestFolder, host = rig.host) => take(await openJournal(host, placeOf(rig), run));
const stepsOf = (events: readonly JournalEvent[]): string[] =>
  events.map((event) => ("step" in event.data ? event.data.step : event.type));
const problems = async (rig: TestFolder) =>
  take(await verifyJournal(rig.host, placeOf(rig), run)).map(({ kind, line }) => ({ kind, line }));

test("created, appended to in the order of the calls, heard, opened again", async () => {
  using rig = testFolder();
  const journal = await create(rig);
  const heard: JournalEvent[] = [];
  const stop = journal.listen((event) => heard.push(event));
  const done = await Promise.all(
    ["a", "b", "c"].map((name, index) => journal.append(step(name), { durable: index === 1 })),
  );
  stop();
  take(await journal.append(step("d")));
  expect(stepsOf(done.map(take))).toEqual(["a", "b", "c"]);
  expect(heard).toEqual(done.map(take));
  const again = await open(rig);
  expect(again.events).toEqual(journal.events);
  expect(stepsOf(again.events)).toEqual(["run.prepared", "a", "b", "c", "d"]);
  expect(again.events.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5]);
  expect(again.head()).toEqual(journal.head());
  expect(take(await readJournal(rig.host, placeOf(rig), run))).toEqual({
    events: journal.events,
    head: journal.head(),
  });
});

test("a second journal for a run is refused; the head of one that was undone does not accuse the new one", async () => {
  using rig = testFolder();
  take(await (await create(rig)).saveHead());
  expect(await createJournal(rig.host, placeOf(rig), run, first)).toMatchObject({
    ok: false,
    error: { reason: "journal-broken" },
  });
  rmSync(pathOf(rig));
  take(await (await create(rig)).append(step("a")));
  expect(stepsOf((await open(rig)).events)).toEqual(["run.prepared", "a"]);
  expect(await problems(rig)).toEqual([{ kind: "no-head", line: null }]);
});

test("the head: what is saved, what stays, what a later save says", async () => {
  using rig = testFolder();
  const journal = await create(rig);
  take(await saveApprovalHead(rig.host, rig.home, run, "f".repeat(64)));
  take(await journal.append(step("a")));
  take(await journal.saveHead({ ended: true }));
  const head = { schemaVersion: 1, run: "Shop/Q3/Cart@implementation.stage-2#001", approvalSha256: "f".repeat(64) };
  expect(take(await readHead(rig.host, rig.home, run))).toEqual({ ...head, ...journal.head(), ended: true });
  take(await journal.append(step("b")));
  expect(await problems(rig)).toEqual([]);
  take(await journal.saveHead());
  expect(take(await readHead(rig.host, rig.home, run))).toEqual({ ...head, ...journal.head(), ended: false });
  expect(journal.head().lines).toBe(3);
});

test("a torn end: readers pass over it, the writer names it and goes on", async () => {
  using rig = testFolder();
  const journal = await create(rig);
  take(await journal.append(step("a")));
  take(await journal.saveHead());
  appendFileSync(pathOf(rig), '{"line":3,"time":"20');
  const read = take(await readJournal(rig.host, placeOf(rig), run));
  expect(stepsOf(read.events)).toEqual(["run.prepared", "a"]);
  expect(read.head).toEqual(journal.head());
  expect(await problems(rig)).toEqual([{ kind: "torn", line: 3 }]);
  const again = await open(rig);
  take(await again.append(step("b")));
  expect(stepsOf(again.events)).toEqual(["run.prepared", "a", "repaired", "b"]);
  expect(again.events[2]).toMatchObject({
    line: 4,
    data: { bytes: 20, sha256: "a47f233c52d23f42b4a6ea15e42a7a50b3030355e4bdfd92f79bd83a25b054eb" },
  });
  expect(take(await readJournal(rig.host, placeOf(rig), run)).events).toEqual(again.events);
  expect((await open(rig)).events).toEqual(again.events);
  take(await again.saveHead());
  expect(await problems(rig)).toEqual([]);
});

test("cut or changed behind the home's back: found, and never appended to", async () => {
  using rig = testFolder();
  const journal = await create(rig);
  for (const name of ["a", "b", "c"]) take(await journal.append(step(name)));
  take(await journal.saveHead());
  const text = readFileSync(pathOf(rig), "utf8");
  const lines = text.split("\n");
  const cases: [string, { kind: string; line: number }[]][] = [
    [`${lines.slice(0, 3).join("\n")}\n`, [{ kind: "cut", line: 4 }]],
    [
      text.slice(0, -5),
      [
        { kind: "cut", line: 4 },
        { kind: "torn", line: 4 },
      ],
    ],
    [text.replace('"step":"c"', '"step":"x"'), [{ kind: "changed", line: 4 }]],
    [text.replace('"step":"a"', '"step":"x"'), [{ kind: "bad-line", line: 3 }]],
    [
      text.replace('"step":"c"', '"step":c'),
      [
        { kind: "cut", line: 4 },
        { kind: "torn", line: 4 },
      ],
    ],
    [
      "",
      [
        { kind: "cut", line: 1 },
        { kind: "bad-line", line: 1 },
      ],
    ],
  ];
  for (const [content, expected] of cases) {
    writeFileSync(pathOf(rig), content);
    expect(await problems(rig)).toEqual(expected);
    const refused = await openJournal(rig.host, placeOf(rig), run);
    expect(refused).toMatchObject({
      ok: false,
      error: { reason: "journal-broken", details: { path: pathOf(rig), line: expected[0]?.line } },
    });
    expect(readFileSync(pathOf(rig), "utf8")).toBe(content);
  }
  rmSync(pathOf(rig));
  expect(await problems(rig)).toEqual([{ kind: "missing", line: null }]);
  expect(await openJournal(rig.host, placeOf(rig), run)).toMatchObject({
    ok: false,
    error: { reason: "journal-broken" },
  });
  expect(await readJournal(rig.host, placeOf(rig), run)).toMatchObject({
    ok: false,
    error: { reason: "journal-broken" },
  });
  writeFileSync(pathOf(rig), text);
  writeFileSync(homePaths(rig.home).head(run), "{");
  expect(await problems(rig)).toEqual([{ kind: "head-unreadable", line: null }]);
});

/** A disk that takes only so many more bytes of appended lines, then tears the line and fails. */
function filling(host: Host, path: string): { host: Host; room: number } {
  const disk = { room: Number.POSITIVE_INFINITY, host };
  disk.host = {
    ...host,
    files: {
      ...host.files,
      async appendLine(to, line, options) {
        const size = Buffer.byteLength(line) + 1;
        if (to !== path || size <= disk.room) {
          disk.room -= size;
          return await host.files.appendLine(to, line, options);
        }
        appendFileSync(to, line.slice(0, disk.room));
        disk.room = 0;
        throw fault("disk-full", "full", "free some");
      },
    },
  };
  return disk;
}

test("a full disk: appends fail, torn lines pile up, and with room again the same journal goes on", async () => {
  using rig = testFolder();
  const disk = filling(rig.host, pathOf(rig));
  const journal = await create(rig, disk.host);
  take(await journal.append(step("a")));
  for (const room of [30, 17, 45, 1, 90]) {
    disk.room = room;
    expect(await journal.append(step("lost"))).toMatchObject({ ok: false, error: { reason: "disk-full" } });
    expect(stepsOf(take(await readJournal(rig.host, placeOf(rig), run)).events)).toEqual(["run.prepared", "a"]);
  }
  disk.room = Number.POSITIVE_INFINITY;
  const heard: JournalEvent[] = [];
  journal.listen((event) => heard.push(event));
  take(await journal.append(step("b")));
  expect(stepsOf(heard)).toEqual(["repaired", "b"]);
  expect(stepsOf(journal.events)).toEqual(["run.prepared", "a", "repaired", "b"]);
  take(await journal.saveHead());
  expect(await problems(rig)).toEqual([]);
  expect((await open(rig)).events).toEqual(journal.events);
});

test("killed at every byte of a repair: the next writer repairs again, and nothing whole is lost", async () => {
  using rig = testFolder();
  const journal = await create(rig);
  take(await journal.append(step("a")));
  const whole = statSync(pathOf(rig)).size;
  appendFileSync(pathOf(rig), '{"line":3,"ti');
  await open(rig);
  const size = statSync(pathOf(rig)).size;
  const repaired = readFileSync(pathOf(rig));
  for (let cut = whole; cut < size; cut++) {
    writeFileSync(pathOf(rig), repaired);
    truncateSync(pathOf(rig), cut);
    const again = await open(rig);
    expect(stepsOf(again.events).filter((name) => name !== "repaired")).toEqual(["run.prepared", "a"]);
    take(await again.append(step("b")));
    expect((await open(rig)).events).toEqual(again.events);
  }
  expect(existsSync(homePaths(rig.home).head(run))).toBe(false);
});
