import { expect, test } from "vitest";
import { failureOf } from "../../test/fixtures/failure-of.ts";
import { readArgv } from "./argv.ts";
import { commonOptions, type Description } from "./command.ts";

const description: Description = {
  name: "play",
  group: "work",
  summary: "plays",
  usage: "PIECE [ENCORE]",
  positionals: [
    { name: "PIECE", about: "what is played", required: true },
    { name: "ENCORE", about: "what follows", required: false },
  ],
  options: {
    tempo: { type: "string", value: "N", about: "speed" },
    key: { type: "string", choices: ["major", "minor"], aliases: ["tonality"], about: "key" },
    with: { type: "string", multiple: true, value: "W=ID", about: "instruments" },
    loud: { type: "boolean", short: "l", about: "louder" },
    note: { type: "string", mayBeEmpty: true, about: "a word" },
  },
  examples: ["okstra play sonata"],
};
const read = (...argv: string[]) => readArgv(description, commonOptions, argv);
const refused = (...argv: string[]) => failureOf(() => read(...argv));

test("what is not given is false, undefined or an empty list", () => {
  expect(read("sonata")).toEqual({
    words: ["sonata", undefined],
    values: {
      json: false,
      quiet: false,
      verbose: false,
      "no-color": false,
      yes: false,
      help: false,
      loud: false,
      with: [],
    },
  });
});

test("values beside and inside the flag, short flags together, repeated flags, the last one of a single", () => {
  const { values, words } = read(
    "-lq",
    "sonata",
    "--tempo",
    "90",
    "--tempo=100",
    "--with",
    "a=1",
    "--with=b=2",
    "rondo",
  );
  expect(words).toEqual(["sonata", "rondo"]);
  expect(values).toMatchObject({ loud: true, quiet: true, tempo: "100", with: ["a=1", "b=2"] });
});

test("an empty value is taken where it means something", () => {
  expect(read("sonata", "--note=").values).toMatchObject({ note: "" });
});

test("another spelling of a flag is the flag", () => {
  expect(read("sonata", "--tonality", "minor").values).toMatchObject({ key: "minor" });
  expect(read("sonata", "--tonality", "minor").values).not.toHaveProperty("tonality");
});

test("after -- everything is a word; a lone dash is a word and a value", () => {
  expect(read("--", "--tempo", "-x").words).toEqual(["--tempo", "-x"]);
  expect(read("-", "--tempo", "-")).toMatchObject({ words: ["-", undefined], values: { tempo: "-" } });
});

test.each([
  [["sonata", "--temp", "90"], 'Unknown flag: --temp; did you mean "--tempo"?', "okstra play --help"],
  [["sonata", "--jsno"], 'Unknown flag: --jsno; did you mean "--json"?', "okstra play --help"],
  [["sonata", "--__proto__"], "Unknown flag: --__proto__", "okstra play --help"],
  [["sonata", "-z"], "Unknown flag: -z", "okstra play --help"],
  [["sonata", "--no-json"], "Unknown flag: --no-json", "okstra play --help"],
  [["sonata", "--tempo"], "--tempo needs a value", "Write --tempo N"],
  [["sonata", "--tempo", "--json"], "--tempo needs a value; --json looks like a flag", "--tempo=--json"],
  [["sonata", "--tempo="], "--tempo is empty", "Write --tempo N: speed"],
  [["sonata", "--tempo", ""], "--tempo is empty", "Write --tempo N: speed"],
  [["sonata", "--with", "a=1", "--with", "  "], "--with is empty", "Write --with W=ID: instruments"],
  [["sonata", "--key="], "--key is empty", "Write --key VALUE: key"],
  [["sonata", "--loud=yes"], "--loud takes no value", "Write --loud alone"],
  [["sonata", "--key", "mnor"], '--key cannot be "mnor"; did you mean "minor"?', "One of: major, minor"],
  [[], "PIECE is missing: what is played", "Write okstra play PIECE [ENCORE]"],
  [["a", "b", "c"], "Unexpected argument: c", "Write okstra play PIECE [ENCORE]"],
])("%j is refused", (argv, message, remedy) => {
  const failure = refused(...argv);
  expect(failure.reason).toBe("usage");
  expect(failure.message).toContain(message);
  expect(failure.remedy).toContain(remedy);
});
