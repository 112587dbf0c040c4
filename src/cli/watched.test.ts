/** Who gets a live view: a terminal that allows drawing, unless a flag asks for something else. */
import { expect, test } from "vitest";
import type { World } from "../engine/index.ts";
import type { Context } from "./context.ts";
import { fakeTerminal } from "./live/terminal.fixture.ts";
import { noPaint } from "./paint.ts";
import { mayDraw } from "./terminal.ts";
import { watched } from "./watched.ts";

const listen = (): undefined => undefined;
const clock = { now: () => 0, monotonic: () => 0, after: () => () => undefined };

/** Whether the body was given a listener of its own. */
async function isLive(flags: Record<string, boolean>, drawable = true): Promise<boolean> {
  const canvas = fakeTerminal(80, 24, () => 1);
  const context = {
    common: { plain: false, quiet: false, jsonEvents: false, noColor: false, ...flags },
    terminal: { canvas: () => (drawable ? canvas : undefined), paint: () => noPaint },
    world: { listen, host: { clock } },
  } as unknown as Context;
  return await watched(context, { title: "go a/b/c" }, async (world: World) => world.listen !== listen);
}

test("a live view on a terminal, plain lines when a flag says so", async () => {
  expect(await isLive({})).toBe(true);
  expect(await isLive({}, false)).toBe(false);
  for (const flag of ["plain", "quiet", "jsonEvents", "noColor"])
    expect(await isLive({ [flag]: true }), flag).toBe(false);
});

test("the environment can forbid drawing", () => {
  const usual = { TERM: "xterm-256color" };
  expect([usual, { ...usual, NO_COLOR: "" }, { ...usual, CI: "false" }].map(mayDraw)).toEqual([true, true, true]);
  const plain = [
    {},
    { TERM: "" },
    { TERM: "dumb" },
    { ...usual, NO_COLOR: "1" },
    { ...usual, CI: "true" },
    { ...usual, CI: "1" },
  ];
  expect(plain.filter(mayDraw)).toEqual([]);
});
