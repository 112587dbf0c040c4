/**
 * Commands that no agent may run (lifecycle: prohibited always, and in every phase `git push`; a gate is passed by a person). Found in
 * the words of a command; what a script inside the tree does is held by confinement and by the tree's hash, not by this.
 */

/** What the command does that it may not; undefined when its words say nothing of the kind. */
export function forbiddenIn(command: string): string | undefined {
  return rules.find(({ words }) => words.test(command))?.what;
}

/** A program at the start of a command, whatever stands before it in a list, a substitution, or a shell's quoted argument. */
const program = (words: string): RegExp =>
  new RegExp(`(?:^|[;&|(\`'"\\n]|\\b(?:sudo|env|exec|command|xargs|then|do)\\s)\\s*(?:\\S*/)?${words}`);

const option = "(?:\\s+-{1,2}\\S+(?:\\s+(?!push\\b|commit\\b|merge\\b)[^\\s-][^\\s;&|]*)?)*";

const rules: readonly { readonly what: string; readonly words: RegExp }[] = [
  { what: "pushes", words: program(`git${option}\\s+push\\b`) },
  { what: "skips hooks", words: program(`git\\b[^;&|\\n]*\\s--no-verify\\b`) },
  { what: "skips hooks", words: program(`git${option}\\s+commit\\b[^;&|\\n]*\\s-[a-mo-z]*n[a-z]*\\b`) },
  { what: "publishes", words: program(`(?:npm|pnpm|yarn|cargo|poetry|uv|gem)(?:\\s+-\\S+)*\\s+publish\\b`) },
  { what: "publishes", words: program("(?:twine\\s+upload|gem\\s+push|docker\\s+push)\\b") },
  { what: "publishes", words: program("gh\\s+(?:release|pr\\s+(?:create|merge))\\b") },
  {
    what: "passes a gate",
    words: program("okstra\\s+(?:approve|reject|accept|answer|override|integrate|handoff|fixcycle)\\b"),
  },
];
