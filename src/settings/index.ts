/** Room settings: keys, layers, where each effective value comes from. Pure. */
export { parseConfig, parseProject, resolveSettings } from "./doors.ts";
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
