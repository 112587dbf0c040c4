import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkConvergenceState } from "../generated/convergence.check.js";
import { analyser, cases, configOf, fileAt, play, repliesOf, searchFor, statedBy } from "./convergence.fixture.ts";
import type { Item } from "./convergence.schema.ts";
import { groupFindings, type Stated } from "./group.ts";
import { closeRound, finish, nextRound, openConvergence, type Reply, type Verdict } from "./rounds.ts";

const three = [analyser("claude", "anthropic"), analyser("codex", "openai"), analyser("gemini", "google")];
const open = (stated: readonly Stated[], workers = three, change = {}) =>
  openConvergence(configOf(change), workers, groupFindings(stated));
const says = (worker: string, verdict: Verdict["verdict"], change: Partial<Verdict> = {}): Reply => ({
  worker,
  family: three.find((one) => one.worker === worker)?.family ?? "",
  status: "completed",
  verdicts: [{ item: "F-001", verdict, reason: "because", evidence: [], ...change }],
});
const withEvidence = { evidence: [fileAt("src/c.ts", 1, 2)] };
const failed = (worker: string): Reply => ({ worker, family: "", status: "timeout", verdicts: [], why: "went silent" });

const classRank: Record<Item["class"], number> = {
  "full-consensus": 4,
  "partial-consensus": 3,
  "worker-unique": 2,
  contested: 1,
  refuted: 0,
  unsubstantiated: 0,
};
const isConsensus = (item: Item): boolean => classRank[item.class] >= 3;

describe("who is asked", () => {
  test("in round 1 each analyser who has not stated the item", () => {
    expect(nextRound(open([statedBy("claude", "anthropic")]))).toEqual({
      round: 1,
      asked: { codex: ["F-001"], gemini: ["F-001"] },
    });
  });
  test("a worker whose own evidence did not hold has not stated it", () => {
    const weak = statedBy("codex", "openai", { checked: [fileAt("src/a.ts", 10, 20, "refuted")] });
    expect(nextRound(open([statedBy("claude", "anthropic"), weak]))?.asked).toEqual({
      codex: ["F-001"],
      gemini: ["F-001"],
    });
  });
  test("in round 2 what is contested goes to all, the stater included", () => {
    const first = open([statedBy("claude", "anthropic")]);
    const after = closeRound(first, { round: 1, asked: nextRound(first)?.asked ?? {} }, [
      says("codex", "DISAGREE", withEvidence),
      says("gemini", "AGREE"),
    ]);
    expect(nextRound(after)).toEqual({ round: 2, asked: { claude: ["F-001"], codex: ["F-001"], gemini: ["F-001"] } });
  });
  test.each<[string, Stated[]]>([
    ["below the floor", [statedBy("claude", "anthropic", { severity: "nit" })]],
    ["unsubstantiated", [statedBy("claude", "anthropic", { checked: [] })]],
    ["refuted", [statedBy("claude", "anthropic", { checked: [fileAt("src/a.ts", 1, 2), searchFor("x", "refuted")] })]],
    ["stated by all", three.map((one) => statedBy(one.worker, one.family))],
  ])("nobody, when the item is %s", (_name, stated) => {
    const state = open(stated);
    expect([nextRound(state), state.endedBecause, state.items[0]?.final]).toEqual([undefined, "queue-empty", true]);
  });
  test("not a worker whose blind pass failed; he is listed as skipped", () => {
    const state = open(
      [statedBy("claude", "anthropic")],
      [...three.slice(0, 2), analyser("gemini", "google", "timeout")],
    );
    expect(nextRound(state)?.asked).toEqual({ codex: ["F-001"] });
    expect(state.skippedWorkers).toEqual([{ worker: "gemini", round: 0, why: "it died" }]);
  });
});

describe("standing", () => {
  const one = [statedBy("claude", "anthropic")];
  test.each<[string, ReturnType<typeof analyser>[], object, string, string]>([
    [
      "one of two answered",
      [analyser("claude", "anthropic"), analyser("codex", "openai", "error")],
      {},
      "degraded",
      "degraded",
    ],
    [
      "one of two answered, switched off",
      [analyser("claude", "anthropic"), analyser("codex", "openai", "error")],
      { enabled: false },
      "degraded",
      "degraded",
    ],
    ["nobody answered", [analyser("claude", "anthropic", "error")], {}, "degraded", "degraded"],
    ["one rostered", [analyser("claude", "anthropic")], {}, "single-family", "off"],
    ["switched off", three, { enabled: false }, "off", "off"],
    ["one family", [analyser("claude", "anthropic"), analyser("sonnet", "anthropic")], {}, "single-family", "running"],
    ["two families", three, {}, "normal", "running"],
  ])("%s", (_name, workers, change, standing, ended) => {
    const state = open(one, workers, change);
    expect([state.standing, state.endedBecause]).toEqual([standing, ended]);
  });
});

describe("a round", () => {
  const first = open([statedBy("claude", "anthropic")]);
  const round = nextRound(first) ?? { round: 0, asked: {} };
  const item = (replies: Reply[]) => closeRound(first, round, replies).items[0];

  test("a failed verifier is an error and skipped, never a disagreement", () => {
    const after = closeRound(first, round, [failed("codex"), says("gemini", "AGREE")]);
    expect(after.items[0]).toMatchObject({
      class: "full-consensus",
      verificationErrors: [{ worker: "codex", round: 1, why: "went silent" }],
    });
    expect(after.skippedWorkers).toEqual([{ worker: "codex", round: 1, why: "went silent" }]);
    expect(after.items[0]?.votes.map((vote) => vote.family)).toEqual(["anthropic", "google"]);
  });
  test("no reply at all, no verdict on the item, and a contradiction are errors too", () => {
    const contradiction = says("gemini", "AGREE");
    const both = { ...contradiction, verdicts: [...contradiction.verdicts, ...says("gemini", "DISAGREE").verdicts] };
    expect(item([both])?.verificationErrors.map((error) => error.why)).toEqual([
      "no reply",
      "contradicts itself on this item",
    ]);
    expect(item([{ ...says("codex", "AGREE"), verdicts: [] }, both])?.verificationErrors[0]?.why).toBe(
      "no verdict on this item",
    );
    expect(item([both])?.class).toBe("worker-unique");
  });
  test("what nobody was asked about counts for nothing", () => {
    expect(
      item([
        says("claude", "DISAGREE", withEvidence),
        says("codex", "AGREE"),
        says("gemini", "AGREE", { item: "F-999" }),
      ])?.verdicts.map((one) => one.worker),
    ).toEqual(["codex"]);
  });
  test("a final item stays as it is, even when a round asks about it", () => {
    const state = open([
      statedBy("claude", "anthropic"),
      statedBy("claude", "anthropic", { id: "x", claim: "nothing holds this up", checked: [] }),
    ]);
    const asked = { codex: ["F-001", "F-002"] };
    const verdicts = [...says("codex", "AGREE").verdicts, ...says("codex", "AGREE", { item: "F-002" }).verdicts];
    expect(closeRound(state, { round: 1, asked }, [{ ...says("codex", "AGREE"), verdicts }]).items[1]).toEqual(
      state.items[1],
    );
  });
  test("only a disagreement has a basis", () => {
    const basis = { disagreeBasis: "out-of-scope" } as const;
    expect(
      item([says("codex", "AGREE", basis), says("gemini", "DISAGREE", basis)])?.verdicts.map((one) => one.basis),
    ).toEqual([null, "out-of-scope"]);
  });
  test("a later verdict of a worker replaces its earlier one", () => {
    const contested = closeRound(first, round, [says("codex", "DISAGREE", withEvidence), says("gemini", "AGREE")]);
    const due = nextRound(contested) ?? round;
    const settled = closeRound(contested, due, [
      says("claude", "AGREE"),
      says("codex", "AGREE"),
      says("gemini", "AGREE"),
    ]);
    expect(settled.items[0]).toMatchObject({ class: "full-consensus", final: true });
    expect(settled.items[0]?.verdicts.map((one) => [one.worker, one.round])).toEqual([
      ["claude", 2],
      ["codex", 2],
      ["gemini", 2],
    ]);
    expect(settled.endedBecause).toBe("queue-empty");
    expect(finish(settled)).toBe(settled);
  });
  test("a round that changes nothing is the last", () => {
    const long = open([statedBy("claude", "anthropic")], three, { maxRounds: 3 });
    const replies = [says("codex", "DISAGREE", withEvidence), says("gemini", "AGREE")];
    const contested = closeRound(long, round, replies);
    const again = closeRound(contested, nextRound(contested) ?? round, replies);
    expect([again.endedBecause, again.rounds[1]?.changed, again.items[0]?.final]).toEqual([
      "nothing-changed",
      false,
      false,
    ]);
    const more = { evidence: [...withEvidence.evidence, fileAt("src/d.ts", 1, 2)] };
    const other = closeRound(contested, nextRound(contested) ?? round, [
      says("codex", "DISAGREE", more),
      says("gemini", "AGREE"),
    ]);
    expect(other.endedBecause).toBe("running");
  });
  test("a round out of turn, two replies of one worker and finishing early are bugs", () => {
    expect(() => closeRound(first, { ...round, round: 2 }, [])).toThrow("not the one under way");
    expect(() => closeRound(first, round, [failed("codex"), failed("codex")])).toThrow("two replies");
    expect(() => finish(first)).toThrow("still due");
  });
});

describe("whatever workers say", () => {
  test("every state fits its schema, and the rounds end within their bound", () => {
    fc.assert(
      fc.property(cases(), (one) => {
        const states = play(one);
        for (const state of states)
          expect(checkConvergenceState(state), JSON.stringify(checkConvergenceState.errors)).toBe(true);
        const last = states[states.length - 1];
        expect(last?.endedBecause).not.toBe("running");
        expect(last?.rounds.length).toBeLessThanOrEqual(one.config.maxRounds);
      }),
    );
  });
  test("the order of workers, findings, replies and verdicts leaves no trace", () => {
    fc.assert(
      fc.property(cases(2), (one) => {
        const turned = { ...one, workers: [...one.workers].reverse(), stated: [...one.stated].reverse() };
        const replies = play(turned, (round) =>
          repliesOf(one, round)
            .reverse()
            .map((reply) => ({ ...reply, verdicts: [...reply.verdicts].reverse() })),
        );
        expect(JSON.stringify(replies.at(-1))).toBe(JSON.stringify(play(one).at(-1)));
      }),
    );
  });
  test("a final item never changes and is never asked about again", () => {
    fc.assert(
      fc.property(cases(2), (one) => {
        const states = play(one);
        for (const [at, state] of states.entries()) {
          const due = nextRound(state);
          const asked = new Set(Object.values(due?.asked ?? {}).flat());
          for (const [index, item] of state.items.entries()) {
            if (!item.final) continue;
            expect(asked.has(item.id)).toBe(false);
            expect(states[at + 1]?.items[index] ?? item).toEqual(item);
          }
        }
      }),
    );
  });
  test("after round 1 only contested items go on, to every analyser that answered", () => {
    fc.assert(
      fc.property(cases(2), (one) => {
        for (const state of play(one).slice(1)) {
          const due = nextRound(state);
          if (due === undefined) continue;
          const contested = state.items
            .filter((item) => item.class === "contested" && !item.final)
            .map((item) => item.id);
          const answered = one.workers.filter((worker) => worker.status === "completed").map((worker) => worker.worker);
          expect(due.asked).toEqual(Object.fromEntries(answered.map((worker) => [worker, contested])));
        }
      }),
    );
  });
  test("a worker that fails weighs as much as one that was not there, and a round of failures moves no item", () => {
    fc.assert(
      fc.property(cases(2), fc.nat(), (one, pick) => {
        for (const state of play(one)) {
          const due = nextRound(state);
          if (due === undefined) continue;
          const replies = repliesOf(one, due);
          const loser = replies[pick % replies.length]?.worker;
          const dead = replies.map((reply) => (reply.worker === loser ? failed(reply.worker) : reply));
          const absent = replies.filter((reply) => reply.worker !== loser);
          const voices = (items: readonly Item[]) =>
            items.map(({ class: now, votes, verdicts }) => ({ now, votes, verdicts }));
          expect(voices(closeRound(state, due, dead).items)).toEqual(voices(closeRound(state, due, absent).items));
          const silent = closeRound(
            state,
            due,
            replies.map((reply) => failed(reply.worker)),
          );
          expect(voices(silent.items)).toEqual(voices(state.items));
        }
      }),
    );
  });
  test("workers of one family never give full consensus", () => {
    fc.assert(
      fc.property(cases(2), (one) => {
        const workers = one.workers.map((worker) => ({ ...worker, family: "anthropic" }));
        const same = { ...one, workers, stated: one.stated.map((stated) => ({ ...stated, family: "anthropic" })) };
        const last = play(same).at(-1);
        expect(last?.items.filter((item) => item.class === "full-consensus")).toEqual([]);
        expect(["single-family", "degraded", "off"]).toContain(last?.standing);
      }),
    );
  });
  test("full consensus takes two families that agree and none that does not", () => {
    fc.assert(
      fc.property(cases(2), (one) => {
        for (const item of play(one)
          .at(-1)
          ?.items.filter((each) => each.class === "full-consensus") ?? []) {
          expect(item.votes.length).toBeGreaterThanOrEqual(2);
          expect(item.votes.every((vote) => vote.vote === "agree")).toBe(true);
        }
      }),
    );
  });
  test("what no evidence holds up never reaches consensus", () => {
    const isHeld = (state: string) => state === "held" || state === "corrected";
    fc.assert(
      fc.property(cases(2), (one) => {
        for (const item of play(one).at(-1)?.items ?? []) {
          const supported = item.members.some(
            (member) =>
              member.evidence.some((piece) => isHeld(piece.state)) &&
              !member.evidence.some((piece) => piece.state === "refuted" && piece.evidence.kind !== "file"),
          );
          if (!supported) expect(isConsensus(item)).toBe(false);
        }
      }),
    );
  });
});
