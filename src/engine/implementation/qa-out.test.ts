import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../../../test/folder.ts";
import { checksIn } from "./qa-out.ts";

test("checks are plain files below the folder; nothing is taken through a link, the folder itself among them", async () => {
  using rig = testFolder();
  const secrets = join(rig.folder, "secrets");
  mkdirSync(secrets);
  writeFileSync(join(secrets, "key"), "of somebody else");
  const at = join(rig.folder, "qa-out");
  expect(await checksIn(rig.host, at)).toEqual({ paths: [], left: [] });
  symlinkSync(secrets, at);
  expect(await checksIn(rig.host, at)).toEqual({ paths: [], left: ["qa-out"] });
  const other = join(rig.folder, "other");
  mkdirSync(join(other, "deep"), { recursive: true });
  writeFileSync(join(other, "deep/store.sh"), "exit 0\n");
  symlinkSync(secrets, join(other, "linked"));
  symlinkSync(join(secrets, "key"), join(other, "key"));
  expect(await checksIn(rig.host, other)).toEqual({ paths: ["deep/store.sh"], left: ["key", "linked"] });
});
