/** What every operation of the engine is given: the outside world, okstra's home, and who listens to what happens. */
import type { Host } from "../host/index.ts";
import { isoTime } from "../host/index.ts";
import type { Listener, TaskKey } from "../model/index.ts";
import type { TaskPlace } from "../registry/index.ts";
import type { Settings } from "../settings/index.ts";

export type World = {
  readonly host: Host;
  /** okstra's home folder. */
  readonly home: string;
  readonly okstraVersion: string;
  /** Hears every event of every run that this process executes. */
  readonly listen: Listener;
  /** A sentence for people about something worth knowing that is no event of a run (who is waited for, what was undone). */
  readonly say: (line: string) => void;
  /** Aborted when a person interrupts. */
  readonly signal: AbortSignal;
};

/** A registered project with its settings as they hold for this call. */
export type ProjectPlace = {
  readonly projectRoot: string;
  readonly projectId: string;
  readonly settings: Settings;
  /** What gave a setting, by dotted key: a file, a variable, `built in`. */
  readonly sourceOf: (key: string) => string;
};

export const placeOf = (world: World, projectRoot: string, key: TaskKey): TaskPlace => ({
  host: world.host,
  home: world.home,
  projectRoot,
  key,
});

export const nowOf = (world: World): string => isoTime(world.host.clock);

export type { TaskKey };
