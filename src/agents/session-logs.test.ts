import { join } from "node:path";
import { expect, test } from "vitest";
import { testRepository } from "../../test/repository.ts";
import { take } from "../model/index.ts";
import { keepSessionLogs } from "./index.ts";

const session = "11111111-2222-4333-8444-555555555555";
const line = (said: unknown): string => `${JSON.stringify(said)}\n`;

test("every log of the session below the homes is kept, of other sessions none, secrets taken out", async () => {
  using rig = testRepository();
  const home = join(rig.folder, "home of the dispatch");
  const at = (path: string) => join(home, path);
  rig.write(at(`.claude/projects/-w/${session}.jsonl`), line({ sessionId: session, said: "the key is hunter-hunter" }));
  rig.write(at(`.codex/sessions/2026/11/21/rollout-x-${session}.jsonl`), line({ type: "session_meta" }));
  rig.write(at(`.gemini/tmp/h/chats/session-1-${session.slice(0, 8)}.json`), line({ sessionId: session }));
  rig.write(at(`.gemini/tmp/h/chats/session-2-${session.slice(0, 8)}.json`), line({ sessionId: "another" }));
  rig.write(at(".claude/projects/-w/99999999-2222-4333-8444-555555555555.jsonl"), line({}));
  const to = (n: number) => join(rig.folder, `kept-${n}`);
  const ask = { homes: [home], sessions: [session], secrets: ["hunter-hunter"], to };
  expect(take(await keepSessionLogs(rig.host, ask))).toEqual({ count: 3, said: null });
  expect(await rig.host.files.readText(to(1))).toBe(line({ sessionId: session, said: "the key is [redacted]" }));
  expect(await rig.host.files.readText(to(3))).toContain(session);
  for (const none of ["", "../../etc", "*"])
    expect(take(await keepSessionLogs(rig.host, { ...ask, sessions: [none] })).count).toBe(0);
});

test("of a long log the end is kept, in whole lines, and it says how much is not", async () => {
  using rig = testRepository();
  const lines = Array.from({ length: 100 }, (_, n) => line({ n, text: "é".repeat(n) }));
  const text = lines.join("");
  rig.write(join(rig.folder, `h/.claude/projects/-w/${session}.jsonl`), text);
  const to = () => join(rig.folder, "kept");
  const homes = [join(rig.folder, "h")];
  for (const most of [10, 1_000, 1_001, 1_002, 5_000]) {
    take(await keepSessionLogs(rig.host, { homes, sessions: [session], secrets: [], to, most }));
    const [mark = "", ...rest] = ((await rig.host.files.readText(to())) ?? "").split(/(?<=\n)/);
    expect(lines.slice(lines.length - rest.length)).toEqual(rest);
    const left = Buffer.byteLength(lines.slice(0, lines.length - rest.length).join(""));
    expect(JSON.parse(mark)).toEqual({ "okstra-cut-bytes": left });
    expect(Buffer.byteLength(rest.join(""))).toBeLessThanOrEqual(most);
  }
  take(await keepSessionLogs(rig.host, { homes, sessions: [session], secrets: [], to, most: Buffer.byteLength(text) }));
  expect(await rig.host.files.readText(to())).toBe(text);
});
