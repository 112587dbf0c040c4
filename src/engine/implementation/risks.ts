/** What whole-task verification looks at in the difference base..head without any model: weakened tests, data access. */
import { changeRisks } from "../../evidence/index.ts";
import { take } from "../../model/index.ts";
import type { ReportFinalVerification } from "../../report/report.schema.ts";
import { overridesOf } from "../overridden.ts";
import type { VerifiedWork } from "../reports/verification-report.ts";
import { fact, type Run } from "../run.ts";
import { explainedBy, explanationOf } from "../weakened.ts";
import { validate } from "./validation.ts";

export type Risks = {
  readonly dbState: ReportFinalVerification["dbState"];
  readonly testsWeakened: readonly { readonly message: string; readonly explained: boolean; readonly by?: string }[];
};

export async function verificationRisks(run: Run, work: VerifiedWork): Promise<Risks> {
  const found = await fact(run, "risks", async () =>
    take(
      await changeRisks(run.world.host, {
        repository: run.manifest.worktree.path,
        base: work.base,
        head: work.verifiedCommit,
        dataAccessPatterns: run.project.settings.dataAccessPatterns,
      }),
    ),
  );
  const rows = found.weakened.length === 0 ? [] : await overridesOf(run);
  const testsWeakened = found.weakened.map(({ why }) => {
    const by = explainedBy(rows, { manifest: run.manifest, why });
    return { message: why, explained: by !== undefined, ...(by === undefined ? {} : { by: explanationOf(by) }) };
  });
  if (found.dataTouched.length === 0) return { dbState: "not-touched", testsWeakened };
  const command = run.project.settings.qaCommands["db-test"];
  if (command === undefined) return { dbState: "db-unverified", testsWeakened };
  const [done] = await validate(run, { name: "db-test", commit: work.verifiedCommit, commands: [command] });
  return { dbState: done?.outcome === "passed" ? "verified" : "db-unverified", testsWeakened };
}
