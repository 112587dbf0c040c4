/** What stands on a terminal after any sequence of frames, other people's lines and changes of size. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { clipped, widthOf } from "../text.ts";
import { Screen } from "./screen.ts";
import { type FakeTerminal, fakeTerminal } from "./terminal.fixture.ts";

const opened = (columns: number, rows: number): { screen: Screen; terminal: FakeTerminal } => {
  const terminal = fakeTerminal(columns, rows, widthOf);
  const screen = new Screen(terminal);
  terminal.cover(() => screen.lift());
  return { screen, terminal };
};

test("a frame that changes in one line writes that line alone, in one write", () => {
  const { screen, terminal } = opened(20, 10);
  screen.show(["one", "two", "three"]);
  screen.show(["one", "TWO", "three"]);
  screen.show(["one", "TWO", "three"]);
  expect(terminal.writes).toHaveLength(2);
  expect(terminal.writes[1]).toContain("TWO");
  expect(terminal.writes[1]).not.toMatch(/one|three/);
  expect(terminal.lines()).toEqual(["one", "TWO", "three"]);
});

test("every mode that a write sets it also ends, and the cursor is left alone", () => {
  const { screen, terminal } = opened(20, 10);
  screen.show(["one", "two"]);
  terminal.print("said\n");
  screen.show(["three"]);
  screen.finish(["last"]);
  for (const write of terminal.writes) {
    const on = [...write.matchAll(/\[\?(\d+)h/g)].map(([, mode]) => mode);
    const off = [...write.matchAll(/\[\?(\d+)l/g)].map(([, mode]) => mode);
    expect(on.sort()).toEqual(off.sort());
    expect(on).not.toContain("25");
  }
  expect(terminal.lines()).toEqual(["said", "last"]);
});

test("what was typed is wiped with the next frame", () => {
  const { screen, terminal } = opened(20, 10);
  screen.show(["one"]);
  terminal.cover(undefined);
  terminal.print("^Cabc");
  screen.show(["two"]);
  expect(terminal.lines()).toEqual(["two"]);
});

test("a key that moved the frame down spoils one line at most, and only until all is drawn again", () => {
  const { screen, terminal } = opened(20, 10);
  screen.show(["one", "two", "three"]);
  terminal.cover(undefined);
  terminal.print("\n");
  screen.show(["ONE", "two", "three"]);
  expect(terminal.lines()).not.toEqual(["one", "ONE", "two", "three"]);
  screen.show(["ONE", "two", "three"], true);
  expect(terminal.lines()).toEqual(["one", "ONE", "two", "three"]);
});

test("a stopped process that goes on draws below what was written meanwhile", () => {
  const { screen, terminal } = opened(20, 10);
  screen.show(["one"]);
  terminal.cover(undefined);
  terminal.print("$ fg\n");
  screen.forget();
  screen.show(["one"]);
  screen.show(["two"]);
  expect(terminal.lines()).toEqual(["one", "$ fg", "two"]);
});

const letter = fc.constantFrom("a", "b", " ", "가", "漢", "é", "e\u0301", "✅");
const line = fc.array(letter, { maxLength: 30 }).map((letters) => letters.join(""));
/** High enough for every frame, wrapped too; the next test is about lower ones. */
const high = 200;
type Act =
  | { readonly frame: string[]; readonly whole: boolean }
  | { readonly say: string }
  | { readonly columns: number };
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ frame: fc.array(line, { maxLength: 8 }), whole: fc.boolean() }),
  fc.record({ say: line }),
  fc.record({ columns: fc.integer({ min: 4, max: 60 }) }),
);

test("after anything: the others' lines in their order, then the frame, and nothing else", () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 25 }), (acts) => {
      const { screen, terminal } = opened(40, high);
      const said: string[] = [];
      let wanted: string[] = [];
      for (const one of acts) {
        if ("frame" in one) wanted = one.frame;
        else if ("say" in one) {
          said.push(one.say);
          terminal.print(`${one.say}\n`);
        } else {
          terminal.resize(one.columns, high);
          screen.erase();
        }
        const whole = "whole" in one && one.whole;
        screen.show(
          wanted.map((text) => clipped(text, terminal.size().columns)),
          whole,
        );
      }
      screen.finish(wanted.slice(0, 1));
      // Wide enough that nothing is wrapped any more.
      terminal.resize(200, high);
      const all = [...said, ...wanted.slice(0, 1)].map((text) => text.trimEnd());
      while (all.at(-1) === "") all.pop();
      expect(terminal.lines()).toEqual(all);
    }),
  );
});

test("in a terminal that became too low for the frame, what is still on the screen is taken away", () => {
  const { screen, terminal } = opened(20, 10);
  terminal.print("before\n");
  screen.show(["one", "two", "three", "four"]);
  terminal.resize(20, 3);
  screen.erase();
  screen.show(["one", "two"]);
  screen.finish(["last"]);
  expect(terminal.lines()).toEqual(["before", "one", "two", "last"]);
});
