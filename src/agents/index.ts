/**
 * Room agents: the driver contract and its drivers, one supervised dispatch, the scripted agent's scenario. Nobody outside a
 * driver's own file knows an agent's program, flags or stream.
 */

import type { Host } from "../host/index.ts";
import type { Result } from "../model/index.ts";
import { door, doorSync } from "../model/index.ts";
import { type DispatchAsk, dispatch as innerDispatch } from "./dispatch.ts";
import { driverFor as innerDriverFor } from "./drivers/registry.ts";
import { resolveModel as innerResolveModel } from "./models.ts";
import type { DispatchOutcome } from "./outcome.ts";
import { scenarioIn } from "./scripted/read.ts";
import { keepSessionLogs as innerKeepSessionLogs } from "./session-logs.ts";

export { type Act, type Heard, hearLog } from "./acts.ts";
export type { ClockLimits } from "./clocks.ts";
export { defaultClocks } from "./clocks.ts";
export type {
  Access,
  Address,
  AgentConfig,
  AgentEvent,
  Detection,
  Driver,
  DriverAsk,
  FailureKind,
  Launch,
  Parser,
  Purpose,
  Role,
} from "./contract.ts";
export { purposes, roles } from "./contract.ts";
export type { DispatchAsk, DispatchEvent } from "./dispatch.ts";
export { knownAgents } from "./drivers/registry.ts";
export { markName, type Reached, reachedBy, secretsIn } from "./env.ts";
export type { Logged } from "./log-use.ts";
export { familyOfModel, type ModelChoice, modelsAsOf } from "./models.ts";
export type { Checked, DispatchOutcome, ErrorReason } from "./outcome.ts";
export { type Preview, type PreviewAsk, previewLaunch } from "./preview.ts";
export { redactor, redactValue } from "./redact.ts";
export { chooseEntry } from "./scripted/match.ts";
export type { Entry, Scenario } from "./scripted/scenario.schema.ts";
export { cutMark, type KeepAsk, type KeptLogs } from "./session-logs.ts";
export { isSameUse } from "./token-use.ts";

/** One conversation with one agent, to its one outcome. Fails as `interrupted`, or as the host fails. */
export const dispatch = <T>(host: Host, ask: DispatchAsk<T>): Promise<Result<DispatchOutcome<T>>> =>
  door(innerDispatch<T>)(host, ask);

/** The session logs that an agent wrote itself, copied to where the run keeps them. */
export const keepSessionLogs = door(innerKeepSessionLogs);

/** The driver of an agent; `roster-violation` with the near name. */
export const driverFor = doorSync(innerDriverFor);

/** What a model alias or id means for an agent: `resolveModel(agent, requested, custom?)`; `unknown-model` with near ones. */
export const resolveModel = doorSync(innerResolveModel);

/** The scenario in a YAML text; `scenario-invalid` with every problem as `path:line:column`. */
export const checkScenario = door(scenarioIn);
