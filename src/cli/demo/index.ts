/** The demo. */
import { fault } from "../../model/index.ts";
import type { Answer } from "../command.ts";
import type { DemoOptions } from "../commands/demo.ts";
import type { Context } from "../context.ts";

export async function demo(_context: Context, _options: DemoOptions): Promise<Answer> {
  throw fault("usage", "The demo is not there yet", "Wait for it");
}
