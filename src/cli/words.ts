/** Words that choose among a few, such as the ACTION of `okstra worktree ACTION`. Pure. */
import { didYouMean } from "../model/index.ts";
import { usageFault } from "./command.ts";

/** The word, if it is one of these; else a fault `usage` that names the nearest. */
export function oneOf<const T extends string>(name: string, word: string | undefined, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === word);
  if (found !== undefined) return found;
  throw usageFault(
    `${name} cannot be "${word ?? ""}"${didYouMean(word ?? "", choices)}`,
    `Write one of: ${choices.join(", ")}`,
  );
}
