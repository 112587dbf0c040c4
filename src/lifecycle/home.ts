/** Where okstra's home is. */
import { join, resolve } from "node:path";

/** `OKSTRA_HOME` when it is set and not blank, else `.okstra` in the user's home. */
export function homeOf(env: Readonly<Record<string, string | undefined>>, userHome: string): string {
  const chosen = env["OKSTRA_HOME"]?.trim();
  return chosen === undefined || chosen === "" ? join(userHome, ".okstra") : resolve(chosen);
}
