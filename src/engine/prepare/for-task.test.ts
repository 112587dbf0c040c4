import { expect, test } from "vitest";
import { take } from "../../model/index.ts";
import { resolveSettings } from "../../settings/index.ts";
import { forTask } from "./for-task.ts";

const { values: settings } = take(resolveSettings({ global: undefined, project: undefined, env: {}, flags: {} }));
const project = { projectRoot: "/p", projectId: "p", settings, sourceOf: () => "built in" };

test("what the task's manifest says is over the settings; what it leaves out stays", () => {
  expect(forTask(project, {}).settings).toEqual(settings);
  const own = { critic: "gemini", verificationMode: "full-reanalysis", severityFloor: "nit" } as const;
  const told = forTask(project, { convergence: own, roster: { "error-analysis": ["claude", "gemini"] } }).settings;
  expect(told.convergence).toEqual({ ...settings.convergence, ...own });
  expect(told.roster).toEqual({ ...settings.roster, "error-analysis": ["claude", "gemini"] });
  expect(forTask(project, { convergence: { enabled: false, maxRounds: 3 } }).settings.convergence).toMatchObject({
    ...{ enabled: false, maxRounds: 3, critic: null },
  });
});
