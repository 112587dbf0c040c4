/** The message of a stage's merge. Pure. */
import { oneLine } from "../report/index.ts";

/** Its title is an agent's: on one line it adds no trailer of its own. */
export const mergeSubject = (stage: number, title: string): string => `Merge stage ${stage}: ${oneLine(title)}`;

/** With the trailer by which okstra knows its merges. */
export const mergeMessage = (of: { readonly stage: number; readonly title: string; readonly run: string }): string =>
  `${mergeSubject(of.stage, of.title)}\n\nOkstra-Run: ${of.run}\n`;
