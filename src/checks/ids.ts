/**
 * The ids of all checks: `docs/reference/checks.md` is generated from this. An id is never renamed; what stands after its last colon
 * may name what was looked at (`worker:claude-analyser`). Kinds of disagreement among the records stand in
 * docs/guides/when-records-disagree.md.
 */

type Kind = "run" | "plan" | "report" | "bundle" | "session" | "doctor";

export const checkIds: Readonly<Record<Kind, Readonly<Record<string, string>>>> = {
  run: {
    journal: "the journal is whole and ends where the home knows that it ends",
    "journal:KIND":
      "what is wrong with it: `missing`, `bad-line`, `cut`, `changed`, `head-unreadable`, `torn`, `no-head`",
    manifest: "the run's manifest is there, parses, and is that of this run",
    events: "each event of the journal has the form of its type",
    ended: "the run has ended",
    "worker:DISPATCH":
      "who was asked has a terminal status, with the result as it was taken or a reason why there is none",
    roster: "everybody rostered was asked",
    carry: "the carry of the stage is as the run wrote it",
    approval: "the approval record is the one that the home knows",
    sequence: "the task lists the run, once",
    "read-only": "agents that may only read were found to have changed nothing",
    verdict: "outcome and verdict are those of the journal, and agree with what blocks",
    usage: "the tokens of the report add up, and are those of the journal",
    artifact: "a file that the run left is missing or was changed",
    artifacts: "every file that the run left is as it was",
    clarifications: "each question and answer is as okstra wrote it",
    "fix-cycles": "the task's fix cycles are as okstra wrote them",
  },
  plan: {
    "plan:data": "the report's data fits its schema and is what okstra wrote",
    "plan:markdown": "the Markdown is what the data gives",
    "plan:headings": "the ten heading keywords are there",
    "plan:body": "the report holds a plan",
    "plan:RULE": "a rule of the Stage Map, `S1` to `S10`",
    "plan:options": "there are at least two options",
    "plan:recommendation": "the recommended option is one of them",
    "plan:coverage": "each requirement is covered by a stage, and nothing else is named",
    "plan:approval": "an approval holds for this very content; what stands against one",
  },
  report: {
    "report:data": "the data fits the schema of its task type, is of this run, and is what okstra wrote",
    "report:markdown": "the Markdown is what the data gives",
    "report:page": "the page is what the data gives",
    "report:ids": "ids are unique",
    "report:references": "whatever names an item names one that is there",
  },
  bundle: {
    "bundle:FILE":
      "a file that is due is there: `task-manifest`, `task-index`, `brief`, `timeline`, `manifest`, `journal`, `ledger`, `report-data`, `report-markdown`, `report-page`",
  },
  session: {
    "session:journal": "the journal says whom the run asked",
    "session:log:DISPATCH": "the log of what the agent did is there and can be read",
    "session:models:DISPATCH": "the model that the log names is the one that the run recorded",
    "session:writes:DISPATCH": "files were written only where the dispatch may write",
    "session:commands:DISPATCH": "nothing was pushed or published, no hook skipped, no gate passed",
    "session:blind:DISPATCH": "in a blind pass, no result of another worker was looked at",
  },
  doctor: {
    node: "the version of Node",
    git: "the version of git",
    "agent:NAME": "the agent's program, its version and login",
    project: "the folder is a registered project whose settings hold",
    "settings:LAYER":
      "settings can be read: of the `project`, the `global` ones of the user, those of the `environment`",
    home: "okstra's home is there and can be written",
    "home:mode": "nobody else can read the home",
    locks: "the home's kind of lock works here",
    disk: "space is left",
    hooks: "the repository's hooks are as they are to be",
    identity: "git knows who commits here",
    sandbox: "what confines agents on this machine",
    network: "what confined agents and commands reach",
    gh: "GitHub's program, for pull requests",
  },
};
