import { expect, test } from "vitest";
import { driverFor, familyOfModel, knownAgents, resolveModel } from "./index.ts";

test("an alias means an id of that agent's vendor; an id means itself", () => {
  const opus = resolveModel("claude", "opus");
  expect(opus).toMatchObject({ ok: true, value: { requested: "opus", family: "anthropic", custom: false } });
  const id = opus.ok ? opus.value.id : "";
  expect(resolveModel("claude", id)).toMatchObject({ ok: true, value: { id, custom: false } });
  expect(resolveModel("codex", "gpt-5.5")).toMatchObject({ ok: true, value: { id: "gpt-5.5", family: "openai" } });
  expect(resolveModel("gemini", "auto")).toMatchObject({ ok: true, value: { id: "auto", family: "google" } });
});

test("an unknown name is refused with the near one, unless it is passed through as custom", () => {
  const refused = resolveModel("claude", "opsu");
  expect(refused).toMatchObject({ ok: false, error: { reason: "unknown-model" } });
  expect(refused.ok ? "" : refused.error.message).toContain('did you mean "opus"?');
  expect(resolveModel("claude", "claude-next-9", true)).toEqual({
    ok: true,
    value: { requested: "claude-next-9", id: "claude-next-9", family: "anthropic", custom: true },
  });
});

test("a model of one agent is not a model of another", () => {
  expect(resolveModel("codex", "opus")).toMatchObject({ ok: false, error: { reason: "unknown-model" } });
});

test("the vendor can be told from a served id, or not", () => {
  expect(familyOfModel("claude-sonnet-4-6")).toBe("anthropic");
  expect(familyOfModel("gpt-6-codex")).toBe("openai");
  expect(familyOfModel("models/gemini-3.1-flash-lite")).toBe("google");
  expect(familyOfModel("house-model")).toBeNull();
});

test("an agent that nobody knows is refused with the near name", () => {
  expect(knownAgents()).toContain("claude");
  expect(driverFor("scripted")).toMatchObject({ ok: true, value: { name: "scripted", canResume: true } });
  const refused = driverFor("scriptd");
  expect(refused).toMatchObject({ ok: false, error: { reason: "roster-violation" } });
  expect(refused.ok ? "" : refused.error.message).toContain('did you mean "scripted"?');
});
