/** Many random histories of removed worktrees; src/worktrees/remove.test.ts plays few. */
import { expect, test } from "vitest";
import { removalHistory } from "../rig/removals.ts";
import { seed } from "../setup/seed-of-run.ts";

const histories = Number(process.env["OKSTRA_HISTORIES"] ?? 100);

test(`${histories} trees with work of every kind are removed, and none of it is lost`, async () => {
  const wrong = [];
  for (let at = 0; at < histories; at += 1) {
    const history = await removalHistory(seed + 1000 + at);
    if (history.wrong.length > 0) wrong.push(history);
  }
  expect(wrong).toEqual([]);
});
