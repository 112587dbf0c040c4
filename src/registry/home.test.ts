import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { testFolder } from "../../test/folder.ts";
import { race } from "../../test/race.ts";
import { nodeHost } from "../host/node/index.ts";
import { homePaths } from "../lifecycle/index.ts";
import { take } from "../model/index.ts";
import { openHome, readHomeVersion } from "./index.ts";

test("a new home is private and says which locks it uses; opening again changes nothing", async () => {
  using rig = testFolder();
  expect(take(await readHomeVersion(rig.host, rig.home))).toBeUndefined();
  take(await openHome(rig.host, rig.home));
  expect(statSync(rig.home).mode & 0o777).toBe(0o700);
  expect(take(await readHomeVersion(rig.host, rig.home))).toEqual({ schemaVersion: 1, lockKind: rig.host.locks.kind });
  const written = readFileSync(homePaths(rig.home).version, "utf8");
  take(await openHome(rig.host, rig.home));
  expect(readFileSync(homePaths(rig.home).version, "utf8")).toBe(written);
});

test("another kind of lock, a newer home, an unreadable one: refused", async () => {
  using rig = testFolder();
  take(await openHome(nodeHost({ env: {}, packageRoot: rig.folder, lockKind: "link" }), rig.home));
  const flock = nodeHost({ env: {}, packageRoot: rig.folder, lockKind: "flock" });
  expect(await openHome(flock, rig.home)).toMatchObject({ ok: false, error: { reason: "lock-kind" } });
  for (const [text, reason] of [
    ['{"schemaVersion":2,"lockKind":"cloud"}', "newer-version"],
    ["", "malformed"],
    ['{"schemaVersion":1,"lockKind":"hope"}', "malformed"],
  ] as const) {
    writeFileSync(homePaths(rig.home).version, text);
    expect(await openHome(rig.host, rig.home)).toMatchObject({ ok: false, error: { reason } });
    expect(readFileSync(homePaths(rig.home).version, "utf8")).toBe(text);
  }
});

test("a home that is there already keeps its mode; several processes may open it at once", async () => {
  using rig = testFolder();
  mkdirSync(rig.home, { mode: 0o755 });
  await race(
    "registry",
    ["1", "2", "3", "4"].map((self) => ["home", rig.home, rig.root, self, "3"]),
  );
  expect(statSync(rig.home).mode & 0o777).toBe(0o755);
  expect(take(await readHomeVersion(rig.host, rig.home))?.lockKind).toBe(rig.host.locks.kind);
});
