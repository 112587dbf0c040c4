/** Where a task's files are: its project's folder for what people read, okstra's home for what processes share. */
import type { Host } from "../host/index.ts";
import type { TaskKey } from "../model/index.ts";

export type TaskPlace = {
  readonly host: Host;
  readonly home: string;
  readonly projectRoot: string;
  readonly key: TaskKey;
};
