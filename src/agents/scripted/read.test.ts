import { expect, test } from "vitest";
import { Fault } from "../../model/index.ts";
import { fromHanded, handedOver, scenarioIn } from "./read.ts";

const scenario = (family: string) =>
  `schemaVersion: 1\nfamilies: {claude: ${family}}\nentries: [{when: {role: analyser}, result: {}}]\n`;

test("a scenario is handed over as it was read, and is another's when the file has changed", async () => {
  const read = await scenarioIn(scenario("anthropic"), "/a.yaml");
  const handed = handedOver("/a.yaml") ?? "";
  expect(fromHanded(handed, scenario("anthropic"))).toEqual(read);
  expect(fromHanded(handed, scenario("openai"))).toBeUndefined();
  expect(handedOver("/b.yaml")).toBeUndefined();
});

test("the same text is read once; a changed one again, and one that cannot be read is not kept", async () => {
  const first = await scenarioIn(scenario("anthropic"), "/a.yaml");
  expect(await scenarioIn(scenario("anthropic"), "/a.yaml")).toBe(first);
  expect((await scenarioIn(scenario("openai"), "/a.yaml")).families).toEqual({ claude: "openai" });
  await expect(scenarioIn("entries: 3\n", "/a.yaml")).rejects.toBeInstanceOf(Fault);
  expect(fromHanded(handedOver("/a.yaml") ?? "", scenario("openai"))?.families).toEqual({ claude: "openai" });
});

test("JSON is read like the YAML that it is, and its faults are told at their lines", async () => {
  const { families } = await scenarioIn(scenario("anthropic"), "/a.yaml");
  const json = (more: object): string =>
    JSON.stringify(
      { schemaVersion: 1, families, entries: [{ when: { role: "analyser" }, result: {} }], ...more },
      null,
      1,
    );
  expect(await scenarioIn(json({}), "/a.json")).toEqual(await scenarioIn(scenario("anthropic"), "/a.yaml"));
  const wrong = [json({ entrys: [] }), json({ entries: [{ when: { worker: "codex" } }] }), `${json({})}}`];
  for (const text of wrong)
    await expect(scenarioIn(text, "/a.json")).rejects.toMatchObject({
      failure: { reason: "scenario-invalid", message: expect.stringMatching(/\/a\.json:\d+:\d+: /) },
    });
});
