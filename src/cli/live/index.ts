/**
 * The live view of the runs that this process executes: hears their events, draws a frame when something changed or a second has
 * passed, at most ten a second, and leaves the final state as plain lines. Loaded only where something is drawn.
 */
import type { Clock } from "../../host/index.ts";
import type { Listener } from "../../model/index.ts";
import type { Paint } from "../paint.ts";
import type { Canvas } from "../terminal.ts";
import { frameOf } from "./frame.ts";
import { Screen } from "./screen.ts";
import { fold, type KnownStage, openState } from "./state.ts";

export type LiveView = {
  readonly listen: Listener;
  /** Ends the view; nothing is drawn afterwards. */
  readonly close: () => void;
};

export type LiveOf = {
  readonly canvas: Canvas;
  readonly clock: Clock;
  readonly paint: Paint;
  /** What is executed, in a few words. */
  readonly title: string;
  /** The graph, if there is one. */
  readonly stages: readonly KnownStage[];
  /** Told from then on when the view itself fails: no run may end because of it. */
  readonly otherwise: { readonly listen: Listener; readonly say: (line: string) => void };
};

/** Milliseconds between two frames at least; also the time that a command has to fail before anything is drawn. */
const pause = 100;
/** Milliseconds after which all lines are written, not only those that changed: a key that was typed may have moved them. */
const wholeEvery = 900;

export function openView({ canvas, clock, paint, title, stages, otherwise }: LiveOf): LiveView {
  const screen = new Screen(canvas);
  let state = openState(title, clock.now(), stages);
  let earliest = clock.monotonic() + pause;
  let wholeAgain = earliest + wholeEvery;
  let due = Number.POSITIVE_INFINITY;
  let cancel = (): void => undefined;

  let open = true;

  const close = (last: () => readonly string[]): void => {
    if (!open) return;
    open = false;
    cancel();
    settle();
    canvas.cover(undefined);
    screen.finish(last());
  };
  /** A fault of the view is told, and the story goes on in plain lines. */
  const guarded = (act: () => void): void => {
    try {
      act();
    } catch (thrown) {
      close(() => []);
      otherwise.say(`The live view failed (${String(thrown)}); the story goes on in lines`);
    }
  };
  const draw = (): void => {
    if (canvas.isBehind()) {
      due = Number.POSITIVE_INFINITY;
      drawIn(pause);
      return;
    }
    const { columns, rows } = canvas.size();
    const now = clock.now();
    const begun = clock.monotonic();
    const whole = clock.monotonic() >= wholeAgain;
    if (whole) wholeAgain = clock.monotonic() + wholeEvery;
    screen.show(frameOf(state, { columns, rows: rows - 1, now, paint, final: false }), whole);
    const done = clock.monotonic();
    // A graph of thousands of stages is drawn less often: drawing has a tenth of the time at most.
    earliest = done + Math.max(pause, 9 * (done - begun));
    due = Number.POSITIVE_INFINITY;
    drawIn(1000 - (Math.max(0, now - state.since) % 1000));
  };
  const drawIn = (ms: number): void => {
    const now = clock.monotonic();
    const at = Math.max(now + ms, earliest);
    if (at >= due) return;
    cancel();
    due = at;
    cancel = clock.after(at - now, () => guarded(draw));
  };
  const settle = canvas.onChange((what) => {
    if (what === "continued") screen.forget();
    else screen.erase();
    drawIn(0);
  });
  canvas.cover(() => screen.lift());
  drawIn(0);

  return {
    listen(event) {
      if (!open) return otherwise.listen(event);
      guarded(() => {
        state = fold(state, event);
        drawIn(0);
      });
    },
    close() {
      const look = { columns: canvas.size().columns, rows: 0, now: clock.now(), paint, final: true };
      guarded(() => close(() => (state.runs.size === 0 ? [] : frameOf(state, look))));
    },
  };
}
