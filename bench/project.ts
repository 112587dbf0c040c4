/** A project in which okstra has worked: analysed, planned, approved, with scripted agents. */
import { join } from "node:path";
import { agents, files, initialise, key, untilApproved } from "../test/rig/calculator.ts";
import { openRig, type Rig } from "../test/rig/rig.ts";
import { okstra } from "./bench.ts";
import type { Order } from "./workers/timer.ts";

export const taskKey = key;

export type Project = {
  readonly rig: Rig;
  /** A command of okstra in the project. */
  okstra(...args: readonly string[]): Order;
  /** Any program, in the same surroundings. */
  order(...command: Order["command"]): Order;
};

export async function approvedProject(): Promise<Project> {
  const rig = openRig(files);
  await initialise(rig);
  await untilApproved(rig);
  const env = {
    PATH: process.env["PATH"],
    HOME: join(rig.folder, "user"),
    OKSTRA_HOME: rig.home,
    GIT_CONFIG_NOSYSTEM: "1",
    LC_ALL: "C",
    NO_COLOR: "1",
  };
  const order = (...command: Order["command"]): Order => ({ command, cwd: rig.root, env });
  return { rig, order, okstra: (...args) => order(process.execPath, okstra, ...args) };
}

export const prepareStage = (rig: Rig, stage: number): string[] => [
  ...["prepare", "--task-key", key, "--task-type", "implementation", "--stage", String(stage)],
  ...["--agents", agents(rig), "--json"],
];
