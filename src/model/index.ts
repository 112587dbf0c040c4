/** Room model: the nouns, the failures, how input is parsed. Imports nothing. */
export * from "./check.ts";
export * from "./event.ts";
export * from "./failure.ts";
export * from "./nearest.ts";
export * from "./reasons.ts";
export * from "./result.ts";
export * from "./shell.ts";
export * from "./task.ts";
export * from "./version.ts";
