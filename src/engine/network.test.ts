import { expect, test } from "vitest";
import { worldOf } from "../../test/world-of.ts";
import { driverFor } from "../agents/index.ts";
import { printPlace } from "../confinement/index.ts";
import { nodeHost } from "../host/node/index.ts";
import { take } from "../model/index.ts";
import type { Confinement } from "./confinement.ts";
import { placesOf, refusedInWords } from "./network.ts";

const narrowed: Confinement = {
  ...{ asked: "auto", source: "built in", confiner: null, said: "", allow: [], gate: null },
  network: { asked: "model", source: "--network" },
};

function placesFor(agent: string, config = {}, env: Record<string, string> = {}): readonly string[] {
  const world = worldOf(nodeHost({ env, packageRoot: "/" }), "/home");
  return (placesOf(world, narrowed, { driver: take(driverFor(agent)), config }) ?? []).map(printPlace);
}

test("an agent reaches its vendor, and every address in its settings and the variables that it sees", () => {
  const local = "http://127.0.0.1:4000/v1";
  expect(placesFor("claude", {}, { ANTHROPIC_BASE_URL: local, OTHER_URL: "https://other.example" })).toEqual([
    ...["api.anthropic.com", "platform.claude.com", "127.0.0.1:4000"],
  ]);
  const args = ["-c", `model_providers.mine.base_url="https://models.example/v1"`];
  expect(placesFor("codex", { args })).toEqual([
    ...["api.openai.com", "chatgpt.com", "auth.openai.com", "models.example:443"],
  ]);
  const env = { GOOGLE_GENAI_USE_VERTEXAI: "true", GOOGLE_CLOUD_LOCATION: "europe-west1" };
  expect(placesFor("gemini", {}, env)).toContain("europe-west1-aiplatform.googleapis.com");
  expect(placesFor("gemini")).not.toContain("aiplatform.googleapis.com");
  // What is a proxy is no place to go to.
  expect(placesFor("acp:own", { env: { HTTPS_PROXY: "http://proxy.example:3128", BASE: local } })).toEqual([
    "127.0.0.1:4000",
  ]);
});

test("what was refused is said without the keys that a name may be made of", () => {
  expect(refusedInWords([], [])).toBe(null);
  const refused = [
    { to: "a.example:443", times: 1 },
    { to: "sk-secret-of-mine.evil.example:443", times: 3 },
  ];
  const said = refusedInWords(refused, ["SK-Secret-of-Mine"]);
  expect(said).toMatch(/^was kept from a\.example:443, \S+\.evil\.example:443 \(3 times\); what it needs/);
  expect(said).not.toContain("secret-of-mine");
});
