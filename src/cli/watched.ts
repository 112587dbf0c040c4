/** Executes with a live view where the terminal allows one and nobody forbade it, else with plain lines of progress. */
import type { World } from "../engine/index.ts";
import type { Context } from "./context.ts";
import type { KnownStage } from "./live/state.ts";

export type Watched = {
  /** What is executed: `implement shop/checkout/total`. */
  readonly title: string;
  /** The stages of the plan, where several of them are built; asked for only when they are drawn. */
  readonly stages?: () => Promise<readonly KnownStage[]>;
};

export async function watched<T>(
  { common, terminal, world }: Context,
  { title, stages }: Watched,
  body: (world: World) => Promise<T>,
): Promise<T> {
  const plain = common.plain || common.quiet || common.jsonEvents || common.noColor;
  const canvas = plain ? undefined : terminal.canvas();
  if (canvas === undefined) return await body(world);
  const { openView } = await import("./live/index.ts");
  const view = openView({
    canvas,
    clock: world.host.clock,
    paint: terminal.paint("story"),
    title,
    stages: (await stages?.()) ?? [],
    otherwise: world,
  });
  try {
    return await body({ ...world, listen: view.listen });
  } finally {
    view.close();
  }
}
