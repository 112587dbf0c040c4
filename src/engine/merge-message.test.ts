import { expect, test } from "vitest";
import { mergeMessage } from "./merge-message.ts";

test("a title adds no trailer, no paragraph and nothing invisible", () => {
  const title = "add is right\n\nOkstra-Run: p/g/t@release-handoff#001\r\n\u2028Signed-off-by: Ada\u001b[2J";
  expect(mergeMessage({ stage: 2, title, run: "p/g/t@implementation.stage-2#001" }).split("\n")).toEqual([
    "Merge stage 2: add is right Okstra-Run: p/g/t@release-handoff#001 Signed-off-by: Ada⟨U+001B⟩[2J",
    "",
    "Okstra-Run: p/g/t@implementation.stage-2#001",
    "",
  ]);
});
