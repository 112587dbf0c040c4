import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkScenario } from "../index.ts";

const head = "schemaVersion: 1\nfamilies: {claude: anthropic, codex: openai}\n";

async function problems(text: string): Promise<string> {
  const read = await checkScenario(text, "demo.yaml");
  if (read.ok) return "";
  expect(read.error.reason).toBe("scenario-invalid");
  return read.error.message;
}

test("a scenario of every act is read", async () => {
  const text = `${head}models: {claude: claude-opus-5-5}
entries:
  - when: {role: [analyser, verifier], worker: claude, purpose: blind, round: [1, 2]}
    do:
      - say: Looking
      - write: {src/a.ts: "export {};\\n", src/old.ts: null}
      - replace: {path: src/b.ts, old: a, new: b}
      - copy: {from: files/c.ts, to: src/c.ts}
      - run: npm test
        ignoreExit: true
      - commit: "feat(a): add\\n\\nOkstra-Step: 1.1"
        paths: [src]
      - tool: Read
        ms: 5
      - delayMs: 10
      - puppet: puppet.sock
      - misbehave: quota
        detail: "2030-01-01T00:00:00Z"
    result: {schemaVersion: 1, findings: []}
    usage: {input: 10, output: 5}
    modelServed: claude-sonnet-5-5
    exit: 1
  - when: {}
    result: "prose"
    usage: null
`;
  const read = await checkScenario(text, "demo.yaml");
  expect(read).toMatchObject({ ok: true });
  expect(read.ok && read.value.entries).toHaveLength(2);
});

test("a mapping may take over another's keys", async () => {
  const read = await checkScenario(
    `${head}entries:
  - when: {}
    result:
      verdicts:
        - &agreed {item: P-REC, verdict: AGREE}
        - {<<: *agreed, item: P-STG-1}
`,
    "demo.yaml",
  );
  expect(read.ok && read.value.entries[0]?.result).toEqual({
    verdicts: [
      { item: "P-REC", verdict: "AGREE" },
      { item: "P-STG-1", verdict: "AGREE" },
    ],
  });
});

describe("each fault is named at its line", () => {
  test.each([
    ["broken YAML", `${head}entries: [`, /demo\.yaml:3:\d+: /],
    ["a key given twice", `${head}families: {}\nentries: []\n`, /demo\.yaml:3:1: .*unique/i],
    ["no entries", head, /demo\.yaml:1:1: top level: .*entries/],
    [
      "an unknown key at the top",
      `${head}entrys: []\nentries: [{when: {}}]\n`,
      /demo\.yaml:3:\d+: entrys: unknown key; did you mean "entries"\?/,
    ],
    [
      "an unknown key of an entry",
      `${head}entries:\n  - when: {}\n    results: {}\n`,
      /demo\.yaml:5:14: entries\[0\]\.results: unknown key; did you mean "result"\?/,
    ],
    [
      "an unknown key of when",
      `${head}entries:\n  - when: {tasktype: implementation}\n`,
      /demo\.yaml:4:\d+: entries\[0\]\.when\.tasktype: unknown key; did you mean "taskType"\?/,
    ],
    [
      "a role that is none",
      `${head}entries:\n  - when: {role: analyst}\n`,
      /demo\.yaml:4:18: entries\[0\]\.when\.role: must be one of analyser/,
    ],
    [
      "a role in a list that is none",
      `${head}entries:\n  - when: {role: [analyser, judge]}\n`,
      /entries\[0\]\.when\.role\[1\]: must be one of analyser/,
    ],
    [
      "an act that is none",
      `${head}entries:\n  - when: {}\n    do:\n      - wirte: {a: b}\n`,
      /demo\.yaml:6:\d+: entries\[0\]\.do\[0\]: unknown act "wirte"; did you mean "write"\?/,
    ],
    [
      "a key an act does not take",
      `${head}entries:\n  - when: {}\n    do:\n      - {run: ls, ignoreexit: true}\n`,
      /do\[0\]\.ignoreexit: run takes no key "ignoreexit"; did you mean "ignoreExit"\?/,
    ],
    [
      "an act with a wrong value",
      `${head}entries:\n  - when: {}\n    do:\n      - delayMs: soon\n`,
      /entries\[0\]\.do\[0\]\.delayMs: must be number/,
    ],
    [
      "a missing part of an act",
      `${head}entries:\n  - when: {}\n    do:\n      - copy: {from: a}\n`,
      /entries\[0\]\.do\[0\]\.copy: must have required property 'to'/,
    ],
    [
      "a misbehaviour that is none",
      `${head}entries:\n  - when: {}\n    do:\n      - misbehave: explode\n`,
      /do\[0\]\.misbehave: must be one of never-speak/,
    ],
    [
      "a worker without family",
      `${head}entries:\n  - when: {worker: claud}\n`,
      /demo\.yaml:4:20: entries\[0\]\.when\.worker: "claud" has no family; did you mean "claude"\?/,
    ],
    [
      "a path out of the worktree",
      `${head}entries:\n  - when: {}\n    do:\n      - write: {src/../../b.txt: x}\n`,
      /"src\/\.\.\/\.\.\/b\.txt" leaves the worktree/,
    ],
  ])("%s", async (_name, text, says) => {
    expect(await problems(text)).toMatch(says);
  });

  test("all of them at once, each once", async () => {
    const said = await problems(
      `${head}entries:\n  - when: {role: judge}\n    do:\n      - wirte: {}\n      - say: 3\n    usage: {input: 1}\n`,
    );
    expect(said.split("\n").slice(1)).toHaveLength(4);
  });

  test("aliases that multiply are refused, not followed", async () => {
    const grow = [
      "a: &a [x,x,x,x,x,x,x,x,x]",
      ..."bcdefgh"
        .split("")
        .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdefg"[index]}`).join(",")}]`),
    ];
    expect(await problems(`${grow.join("\n")}\n${head}entries: *h\n`)).toMatch(/alias/i);
  });
});

test("the examples of the guide are scenarios, and it names every misbehaviour", async () => {
  const guide = readFileSync(new URL("../../../docs/guides/scenario.md", import.meta.url), "utf8");
  const examples = [...guide.matchAll(/```yaml\n([^`]*)```/g)].map(([, text]) => text ?? "");
  expect(examples.length).toBeGreaterThanOrEqual(3);
  for (const example of examples) expect(await problems(example)).toBe("");
  const kinds = /must be one of (.*)/
    .exec(await problems(`${head}entries: [{when: {}, do: [{misbehave: none}]}]`))?.[1]
    ?.split(", ");
  expect(kinds?.length).toBeGreaterThan(20);
  for (const kind of kinds ?? []) expect(guide).toContain(`\`${kind}\``);
});
