import { expect, test } from "vitest";
import { forbiddenIn } from "./forbidden.ts";

test.each<[string, string]>([
  ["git push", "pushes"],
  ["cd x && git -C ../y push --force origin main", "pushes"],
  ["git -c core.hooksPath=/dev/null push", "pushes"],
  ["/bin/bash -lc 'git push -u origin x'", "pushes"],
  ["/usr/bin/git push", "pushes"],
  ["git commit --no-verify -m x", "skips hooks"],
  ["git commit -qnm x", "skips hooks"],
  ["git merge --no-verify x", "skips hooks"],
  ["npm publish", "publishes"],
  ["pnpm -r publish", "publishes"],
  ["gh release create v1", "publishes"],
  ["true; gh pr merge 4", "publishes"],
  ["okstra approve a/b/c --content 0", "passes a gate"],
])("%s", (command, what) => expect(forbiddenIn(command)).toBe(what));

test.each([
  "git stash push",
  "git status",
  "git commit -m 'push later'",
  "git commit -qm now",
  "git log --grep push",
  "grep -rn 'no-verify' docs",
  "npm run publish-docs-locally",
  "okstra status a/b/c",
  "echo pushed",
])("%s: is allowed", (command) => expect(forbiddenIn(command)).toBeUndefined());
