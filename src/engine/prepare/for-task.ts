/** What a task's manifest says of itself, over the settings. */
import type { TaskManifest } from "../../lifecycle/task.schema.ts";
import type { ProjectPlace } from "../world.ts";

/** The project as the task wants it: flags of a run still come over this. */
export function forTask(
  project: ProjectPlace,
  { convergence = {}, roster }: Pick<TaskManifest, "convergence" | "roster">,
): ProjectPlace {
  const { settings } = project;
  const below = settings.convergence;
  return {
    ...project,
    settings: {
      ...settings,
      convergence: {
        ...below,
        enabled: convergence.enabled ?? below.enabled,
        maxRounds: convergence.maxRounds ?? below.maxRounds,
        verificationMode: convergence.verificationMode ?? below.verificationMode,
        adversarial: convergence.adversarial ?? below.adversarial,
        severityFloor: convergence.severityFloor ?? below.severityFloor,
        critic: convergence.critic ?? below.critic,
      },
      roster: { ...settings.roster, ...roster },
    },
  };
}
