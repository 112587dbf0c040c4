/** Who works on a run: resolved at prepare from profile, settings and flags, bounded by the profile. */
import { resolve } from "node:path";
import { type AgentConfig, driverFor, knownAgents, type ModelChoice, resolveModel } from "../../agents/index.ts";
import type { Profile } from "../../lifecycle/index.ts";
import type { WorkerSpec } from "../../lifecycle/task.schema.ts";
import { didYouMean, Fault, fault, type Result, take } from "../../model/index.ts";
import type { ProjectPlace, World } from "../world.ts";
import type { RunRequest } from "./request.ts";

export type Roster = {
  readonly workers: readonly WorkerSpec[];
  readonly notes: readonly string[];
};

/** The worker's agent and its configuration: `scripted:FILE` from --agents outranks the settings. */
export type Placed = { readonly agent: string; readonly config: AgentConfig };

/** The roster of a run. Throws `roster-violation`, `roster-too-small`, `unknown-model`, `agent-missing`, `scenario-invalid`. */
export async function resolveRoster(
  world: World,
  project: ProjectPlace,
  request: RunRequest,
  profile: Profile,
): Promise<Roster> {
  const named = analyserNames(project, request, profile);
  const executor = profile.roster.executor ? [request.executor ?? project.settings.executor] : [];
  const notes: string[] = [];
  const specs: WorkerSpec[] = [];
  for (const worker of executor) specs.push(await specOf(world, project, request, { worker, role: "executor" }));
  const role = profile.mayChangeSource ? "verifier" : "analyser";
  const missing: Fault[] = [];
  const analysers: string[] = [];
  for (const worker of named) {
    const spec = await specOrMissing(world, project, request, { worker, role });
    if (spec instanceof Fault) missing.push(spec);
    else {
      specs.push(spec);
      analysers.push(worker);
    }
  }
  const [first] = missing;
  if (first !== undefined) {
    if (analysers.length < (request.allowSingle ? 1 : 2)) throw first;
    for (const { failure } of missing) notes.push(`${failure.message}; without it go on: ${analysers.join(", ")}`);
  }
  const critic = criticName(project, request, profile);
  if (critic !== null) specs.push(await specOf(world, project, request, { worker: critic, role: "critic" }));
  if (profile.roster.writer && !request.noProse)
    specs.push(await specOf(world, project, request, { worker: "report-writer", role: "report-writer" }));
  if (profile.roster.analysers.allowed && analysers.length < profile.roster.analysers.least) {
    if (!request.allowSingle) {
      throw fault(
        "roster-too-small",
        `${profile.taskType} needs at least ${profile.roster.analysers.least} workers that check each other; the roster has ${analysers.join(", ") || "none"}`,
        "Name more with --workers a,b, or accept a single-family run with --allow-single",
        { workers: analysers },
      );
    }
    notes.push("single worker: nobody checks its findings (--allow-single)");
  }
  const families = new Set(
    specs.filter((spec) => spec.role === "analyser" || spec.role === "verifier").map((spec) => spec.family),
  );
  if (analysers.length >= 2 && families.size < 2)
    notes.push("single-family: all workers are of one vendor; partial consensus at best");
  if (specs.some((spec) => spec.agent.startsWith("scripted:")))
    notes.push("scripted agents: answers come from a scenario file, no model was asked");
  return { workers: specs, notes };
}

/** Who was named by --critic, else by the settings; those are for the phases that have one. */
function criticName(project: ProjectPlace, request: RunRequest, profile: Profile): string | null {
  const named = request.critic ?? project.settings.convergence.critic;
  if (!profile.roster.critic) {
    if (request.critic === null) return null;
    throw fault(
      "roster-violation",
      `${profile.taskType} has no critic; --critic names ${request.critic}`,
      "Leave out --critic",
      {
        worker: request.critic,
        allowed: [],
      },
    );
  }
  if (named !== null && request.agents === null) requireKnown(project, profile, [named]);
  return named;
}

function analyserNames(project: ProjectPlace, request: RunRequest, profile: Profile): readonly string[] {
  const { allowed, defaults } = profile.roster.analysers;
  const named = request.workers ?? project.settings.roster[profile.taskType] ?? defaults;
  if (!allowed) {
    if (request.workers !== null && request.workers.length > 0) {
      throw fault(
        "roster-violation",
        `${profile.taskType} has no analysers; --workers names ${request.workers.join(", ")}`,
        "Leave out --workers",
        {
          allowed: [],
        },
      );
    }
    return [];
  }
  const repeated = named.find((worker, index) => named.indexOf(worker) !== index);
  if (repeated !== undefined)
    throw fault("roster-violation", `The worker ${repeated} is named twice`, "Name each worker once", {
      worker: repeated,
    });
  if (request.agents !== null) return named;
  requireKnown(project, profile, named);
  return named;
}

function requireKnown(project: ProjectPlace, profile: Profile, named: readonly string[]): void {
  const known = [...knownAgents(), ...Object.keys(project.settings.agents)];
  const unknown = named.find((worker) => !known.includes(worker));
  if (unknown !== undefined) {
    throw fault(
      "roster-violation",
      `No agent is called "${unknown}"${didYouMean(unknown, known)}`,
      `Allowed for ${profile.taskType}: ${known.join(", ")}`,
      { worker: unknown, allowed: known },
    );
  }
}

/** A worker whose program is not there may be done without; everything else that is wrong is thrown. */
async function specOrMissing(
  world: World,
  project: ProjectPlace,
  request: RunRequest,
  slot: Slot,
): Promise<WorkerSpec | Fault> {
  try {
    return await specOf(world, project, request, slot);
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.failure.reason === "agent-missing") return thrown;
    throw thrown;
  }
}

type Slot = { readonly worker: string; readonly role: WorkerSpec["role"] };

async function specOf(world: World, project: ProjectPlace, request: RunRequest, slot: Slot): Promise<WorkerSpec> {
  const { agent, config } = placeWorker(project, request, slot.worker);
  const driver = take(driverFor(agent.startsWith("scripted:") ? "scripted" : agent));
  const model = modelFor(project, request, {
    slot,
    agent: driver.name,
    otherwise: config.model ?? driver.defaultModel,
  });
  const detected = await driver.detect(world.host, config);
  if (!detected.present) {
    throw fault(
      "agent-missing",
      `${slot.worker} cannot work: ${detected.note}`,
      "Install it, or choose others with --workers; okstra doctor shows what is there",
      {
        worker: slot.worker,
        agent,
      },
    );
  }
  const family = await driver.family(world.host, config, slot.worker);
  return { worker: slot.worker, agent, role: slot.role, family, model };
}

type ModelAsk = { readonly slot: Slot; readonly agent: string; readonly otherwise: string };

/**
 * The model's id: what the command line names goes before the settings, and for its role before for the worker, who may have several
 * roles. A role that workers of several vendors have may name a model of one of them; the others keep to theirs.
 */
function modelFor(project: ProjectPlace, request: RunRequest, { slot, agent, otherwise }: ModelAsk): string {
  const roles =
    slot.role === "report-writer" && request.taskType === "release-handoff" ? ["drafter", slot.role] : [slot.role];
  for (const models of [request.models, project.settings.models]) {
    for (const role of roles) {
      const wanted = models[role];
      const found = wanted === undefined ? undefined : modelNamed(agent, wanted);
      if (found !== undefined && (found.ok || !shared.has(slot.role))) return take(found).id;
    }
    const wanted = models[slot.worker];
    if (wanted !== undefined) return take(modelNamed(agent, wanted)).id;
  }
  return take(modelNamed(agent, otherwise)).id;
}

const shared: ReadonlySet<WorkerSpec["role"]> = new Set(["analyser", "verifier"]);

/** A leading `=` passes the id through unchecked. */
const modelNamed = (agent: string, wanted: string): Result<ModelChoice> =>
  resolveModel(agent, wanted.replace(/^=/, ""), wanted.startsWith("="));

/** Which agent plays a worker. The report writer is played by `claude` unless the settings say otherwise. */
function placeWorker(project: ProjectPlace, request: RunRequest, worker: string): Placed {
  if (request.agents !== null) {
    const file = /^scripted:(?<file>.+)$/.exec(request.agents)?.groups?.["file"];
    if (file === undefined) {
      throw fault(
        "usage",
        `--agents ${request.agents} is not understood`,
        "Write --agents scripted:FILE with the path of a scenario",
        { agents: request.agents },
      );
    }
    return scripted(resolve(request.cwd, file));
  }
  const name = worker === "report-writer" && project.settings.agents[worker] === undefined ? "claude" : worker;
  const config = project.settings.agents[name];
  if (config?.scenario !== undefined) return scripted(resolve(project.projectRoot, config.scenario));
  return { agent: name, config: config ?? {} };
}

const scripted = (scenario: string): Placed => ({ agent: `scripted:${scenario}`, config: { scenario } });

/** The driver and configuration of a rostered worker, when it is dispatched. */
export function placedOf(project: ProjectPlace, spec: WorkerSpec): Placed {
  const file = /^scripted:(?<file>.+)$/.exec(spec.agent)?.groups?.["file"];
  if (file !== undefined) return { agent: "scripted", config: { scenario: file } };
  return { agent: spec.agent, config: project.settings.agents[spec.agent] ?? {} };
}

/** The agent that the settings name for when the worker's quota is used up. */
export function namedStandIn({ project }: { readonly project: ProjectPlace }, spec: WorkerSpec): string | undefined {
  const { agents } = project.settings;
  return (agents[spec.agent] ?? agents[spec.worker])?.takeover;
}

/**
 * Who answers in a worker's place, under its name: an agent of the same family, so that no vote changes sides. Undefined where the
 * settings name none. Throws `roster-violation` for one that is not of the family, or not known.
 */
export async function standInFor(
  of: { readonly world: World; readonly project: ProjectPlace },
  spec: WorkerSpec,
): Promise<WorkerSpec | undefined> {
  const { world, project } = of;
  const name = namedStandIn(of, spec);
  if (name === undefined) return undefined;
  const own = project.settings.agents[name];
  const isScripted = spec.agent.startsWith("scripted:");
  const agent =
    own?.scenario !== undefined
      ? scripted(resolve(project.projectRoot, own.scenario)).agent
      : isScripted
        ? spec.agent
        : name;
  const placed = placedOf(project, { ...spec, agent });
  const driver = take(driverFor(placed.agent));
  const family = await driver.family(world.host, placed.config, name);
  if (family !== spec.family) {
    throw fault(
      "roster-violation",
      `${name} is of the family ${family} and cannot take over from ${spec.worker}, which is of ${spec.family}`,
      `Name an agent of ${spec.family} in agents.${spec.worker}.takeover, or take the key out`,
      { worker: spec.worker, takeover: name, family },
    );
  }
  if (isScripted) return { ...spec, agent };
  const wanted = project.settings.models[name] ?? placed.config.model ?? driver.defaultModel;
  return { ...spec, agent, model: take(modelNamed(driver.name, wanted)).id };
}
