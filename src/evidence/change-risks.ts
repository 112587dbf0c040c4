/** What a whole difference base..head risks, seen without any model: weakened tests and data access. Reads only. */
import type { Host } from "../host/index.ts";
import { changedTexts } from "./changed-texts.ts";
import { type DataTouch, dataTouched } from "./data-access.ts";
import { testsWeakened, type Weakening } from "./tests-weakened.ts";

export type RisksAsk = {
  readonly repository: string;
  readonly base: string;
  readonly head: string;
  readonly dataAccessPatterns: readonly string[];
};

export type ChangeRisks = { readonly weakened: readonly Weakening[]; readonly dataTouched: readonly DataTouch[] };

export async function changeRisks(host: Host, ask: RisksAsk): Promise<ChangeRisks> {
  const changed = (await host.git.diffFiles(ask.repository, ask.base, ask.head)).map(({ path }) => path);
  const texts = await changedTexts(host, ask, changed);
  return { weakened: testsWeakened(texts), dataTouched: dataTouched(texts, ask.dataAccessPatterns) };
}
