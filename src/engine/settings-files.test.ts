import { expect, test } from "vitest";
import { testFolder } from "../../test/folder.ts";
import { worldOf } from "../../test/world-of.ts";
import { take } from "../model/index.ts";
import { openHome, registerProject } from "../registry/index.ts";
import { settingsAround } from "./index.ts";

async function sandboxAround(given: { global?: string; project?: string; env?: string }) {
  await using made = await place(given);
  const { settings, sourceOf } = take(await settingsAround(made.world, made.root));
  return [settings.sandbox, sourceOf("sandbox")];
}

async function place({ global, project, env }: { global?: string; project?: string; env?: string }) {
  const rig = testFolder();
  const { host, home, root } = rig;
  take(await openHome(host, home));
  if (global !== undefined) await host.files.replaceFile(`${home}/config.json`, global);
  if (project !== undefined) {
    await host.files.makeFolder(`${root}/.okstra`);
    await host.files.replaceFile(`${root}/.okstra/project.json`, project);
    await registerProject(host, home, { projectId: "shop", projectRoot: root });
  }
  const machine = env === undefined ? host.machine : { ...host.machine, env: { OKSTRA_SANDBOX: env } };
  const world = worldOf({ ...host, machine }, home);
  return { world, root, [Symbol.asyncDispose]: async () => rig[Symbol.dispose]() };
}

const off = JSON.stringify({ schemaVersion: 1, sandbox: "off" });
const require = JSON.stringify({ schemaVersion: 1, projectId: "shop", projectRoot: ".", sandbox: "require" });

test("outside a project the user's own settings and the environment hold; in it the project's lie over them", async () => {
  expect(await sandboxAround({})).toEqual(["auto", "built in"]);
  expect(await sandboxAround({ global: off })).toEqual(["off", "config.json"]);
  expect(await sandboxAround({ global: off, env: "require" })).toEqual(["require", "OKSTRA_SANDBOX"]);
  expect(await sandboxAround({ global: off, project: require })).toEqual(["require", ".okstra/project.json"]);
});

test("a layer that cannot be read is left out, and the others hold", async () => {
  expect(await sandboxAround({ global: "{", project: require })).toEqual(["require", ".okstra/project.json"]);
  expect(await sandboxAround({ global: off, project: "{" })).toEqual(["off", "config.json"]);
  expect(await sandboxAround({ global: off, env: "maybe" })).toEqual(["off", "config.json"]);
});
