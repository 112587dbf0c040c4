/** Room settings: keys, layers, where each effective value comes from. Pure. */
import { doorSync } from "../model/index.ts";
import * as layers from "./layers.ts";
import * as files from "./parse.ts";

export const parseProject = doorSync(files.parseProject);
export const parseConfig = doorSync(files.parseConfig);
export const resolveSettings = doorSync(layers.resolveSettings);

export { keysByPlace } from "./keys.ts";
export type {
  AgentSettings,
  Clocks,
  Effective,
  EffectiveSetting,
  LayerValues,
  Origin,
  Settings,
  SettingsInput,
} from "./layers.ts";
export { defaults } from "./layers.ts";
export { type DataPattern, dataAccessDefaults, matchesGlob, readDataPattern } from "./patterns.ts";
export { detectQaCommands, qaSources } from "./qa-commands.ts";
export { expandVariables } from "./secrets.ts";
