/**
 * Every way in which an agent misbehaves, one test each, by puppets under the real supervision: the outcome has the name that stands
 * here, comes in bounded time, and nothing is left running (test/dispatch.ts holds that). What it does to files and git is judged by a
 * whole run: the second half of the list, test/deep/misbehaviours.test.ts.
 */
import { describe, expect, test } from "vitest";
import { asked } from "../../test/dispatch.ts";
import { type TestRepository, testRepository } from "../../test/repository.ts";

type Case = {
  readonly name: string;
  /** Its acts, then how the entry goes on. */
  readonly does: string;
  readonly rest?: string;
  readonly more?: Parameters<typeof asked>[2];
  readonly ends: Readonly<Record<string, unknown>>;
};

const good = "result: {good: 1}";
const completed = { status: "completed", reason: null, value: { good: 1 } };
const failed = (reason: string, more: object = {}) => ({ status: "error", reason, value: null, ...more });
const timedOut = (reason: string) => ({ status: "timeout", reason, value: null, failure: { kind: "transient" } });
const usage = (text: string): string => `${good}, usage: ${text}`;

const list: readonly Case[] = [
  // Its stream.
  {
    name: "never speaks",
    does: "{misbehave: never-speak}",
    more: { clocks: { firstEventMs: 400 } },
    ends: timedOut("first-event"),
  },
  {
    name: "speaks for ever",
    does: "{misbehave: speak-for-ever}",
    more: { clocks: { hardMs: 1_500 } },
    ends: timedOut("hard"),
  },
  {
    name: "a huge line, of fifty megabytes",
    does: "{misbehave: huge-line}",
    rest: good,
    ends: { ...completed, notes: ["1 line of its stream was too long to read"] },
  },
  {
    name: "broken JSON",
    does: "{misbehave: broken-json}",
    rest: good,
    ends: { ...completed, notes: ["2 lines of its stream were not JSON"] },
  },
  {
    name: "half a UTF-8 character",
    does: "{misbehave: half-utf8}",
    rest: good,
    ends: { ...completed, notes: [] },
  },
  { name: "slow drip", does: "{misbehave: slow-drip}", more: { clocks: { idleMs: 300 } }, ends: timedOut("idle") },
  // Its end.
  {
    name: "success without result",
    does: "{misbehave: success-without-result}",
    rest: good,
    ends: failed("no-result", { reasks: 2 }),
  },
  {
    name: "a result, then it hangs",
    does: "{misbehave: hang-after-result}",
    rest: good,
    more: { clocks: { lingerMs: 100 } },
    ends: { ...completed, notes: ["did not exit after its last event and was ended"] },
  },
  {
    name: "exits 0 with nothing",
    does: "{misbehave: exit-0-silent}",
    ends: failed("no-success-event", { exitCode: 0 }),
  },
  {
    name: "exits 1 after success",
    does: "{misbehave: exit-1-after-success}",
    rest: good,
    ends: { ...completed, exitCode: 1, notes: ["exited with 1 after its result"] },
  },
  { name: "is killed", does: "{misbehave: kill-self}", rest: good, ends: failed("killed", { exitCode: null }) },
  {
    name: "forks a daemon",
    does: "{misbehave: fork-daemon}",
    rest: good,
    ends: { ...completed, notes: ["left 1 process running, which was ended"] },
  },
  {
    name: "deletes the worktree it answers from",
    does: "{misbehave: delete-worktree}",
    rest: "result: {good: 0}",
    ends: failed("tree-gone", { reasks: 0 }),
  },
  // Its answer.
  {
    name: "answers in prose, each time it is asked",
    does: "{misbehave: prose-answer}",
    ends: failed("invalid-result", { reasks: 2, problems: [expect.stringMatching(/^The last message was prose/)] }),
  },
  {
    name: "asks a question instead of answering",
    does: "",
    rest: "result: 'Which of the two files do you mean?'",
    ends: failed("invalid-result", { reasks: 2 }),
  },
  {
    name: "asks a question by a tool, and waits for the answer",
    does: "{tool: AskUserQuestion, ms: 60000}",
    rest: good,
    more: { clocks: { idleMs: 300, hardMs: 1_500 } },
    ends: { ...timedOut("hard"), tools: { AskUserQuestion: 1 } },
  },
  {
    name: "the wrong schema thrice",
    does: "",
    rest: "result: {good: -1}",
    ends: failed("invalid-result", { reasks: 2, problems: ["good: must be above 0, is -1"] }),
  },
  {
    name: "another model served",
    does: "",
    rest: `${good}, modelServed: gpt-5.5`,
    ends: { ...completed, modelServed: "gpt-5.5", family: "openai" },
  },
  // What it says it used.
  { name: "usage missing", does: "", rest: good, ends: { ...completed, usage: null, notes: [] } },
  {
    name: "usage negative",
    does: "",
    rest: usage("{input: -5, output: 1}"),
    ends: { ...completed, usage: null, notes: ["its usage cannot be: input is -5"] },
  },
  {
    name: "usage absurd",
    does: "",
    rest: usage("{input: 1, output: 1.0e+18}"),
    ends: { ...completed, usage: null, notes: ["its usage cannot be: output is 1000000000000000000"] },
  },
  // Its provider.
  {
    name: "quota with a time",
    does: "{misbehave: quota, detail: '2030-01-02T03:04:05Z'}",
    ends: failed("quota", { resetAt: "2030-01-02T03:04:05Z", failure: expect.objectContaining({ kind: "quota" }) }),
  },
  {
    name: "quota without a time",
    does: "{misbehave: quota}",
    ends: failed("quota", { resetAt: null, failure: expect.objectContaining({ kind: "quota" }) }),
  },
  {
    name: "auth failure",
    does: "{misbehave: auth-failure}",
    ends: failed("auth", { failure: expect.objectContaining({ kind: "auth" }) }),
  },
  {
    name: "500s",
    does: "{misbehave: server-error}",
    ends: failed("agent-failed", {
      failure: expect.objectContaining({ kind: "transient" }),
      notes: ["its calls to the provider were tried again 3 times"],
    }),
  },
];

const inRepository = (body: (repo: TestRepository) => Promise<void>) => async () => {
  using repo = testRepository();
  await body(repo);
};

describe.concurrent("an agent that misbehaves: a named outcome, nothing left", () => {
  for (const { name, does, rest, more, ends } of list) {
    test(
      name,
      inRepository(async (repo) => {
        const { outcome, events, log } = await asked(repo, entry(does, rest), more);
        expect(outcome).toMatchObject(ends);
        // The log keeps it, and nobody else.
        if (does.includes("huge-line")) expect(log.length).toBeGreaterThan(50 * 1024 * 1024);
        const ending = events.flatMap((event) => (event.type === "ending" ? [event.why] : []));
        const clock = ends["status"] === "timeout" ? [ends["reason"]] : [];
        expect(ending).toEqual(name === "a result, then it hangs" ? ["linger"] : clock);
      }),
    );
  }

  test(
    "the wrong schema twice, then the right one: the third answer counts",
    inRepository(async (repo) => {
      const entries = ["{good: 0}", "{better: 1}", "{good: 1}"].map(
        (result, reask) => `  - {when: {reask: ${reask}}, result: ${result}}`,
      );
      expect((await asked(repo, entries.join("\n"))).outcome).toMatchObject({ ...completed, reasks: 2 });
    }),
  );
});

const entry = (doing: string, rest = ""): string => `  - {when: {}, do: [${doing}]${rest === "" ? "" : `, ${rest}`}}`;
