import { expect, test } from "vitest";
import { Fault } from "../model/index.ts";
import { planProvision, type Wanted } from "./provision-plan.ts";

const places = { mainRoot: "/p", tree: "/t" };
const folder = (name: string, more: Partial<Wanted> = {}): Wanted => ({
  name,
  source: `/p/${name}`,
  kind: "folder",
  targetTaken: false,
  targetParent: "/t",
  linkIgnored: true,
  ...more,
});
const file = (name: string, more: Partial<Wanted> = {}): Wanted =>
  folder(name, { kind: "file", linkIgnored: false, ...more });
const plan = (given: Partial<Parameters<typeof planProvision>[1]>) =>
  planProvision(places, { sync: [], clone: [], copy: [], ...given });

test("a folder is one link where git ignores links, else a folder of links", () => {
  const { steps, notes } = plan({ sync: [folder("node_modules", { linkIgnored: false }), folder("cache")] });
  expect(notes).toEqual([]);
  expect(steps).toEqual([
    { do: "link", name: "cache", from: "/p/cache" },
    { do: "link-entries", name: "node_modules", from: "/p/node_modules" },
  ]);
});

test("a folder to clone falls back to a link when it is to be synced too, and to nothing when not", () => {
  const { steps } = plan({ sync: [folder("a/"), folder("c")], clone: [folder("a"), folder("b")] });
  expect(steps).toEqual([
    { do: "clone", name: "a", from: "/p/a", otherwise: "link" },
    { do: "clone", name: "b", from: "/p/b", otherwise: "skip" },
    { do: "link", name: "c", from: "/p/c" },
  ]);
});

test("what is missing, of another kind, or in the tree already is skipped with a note", () => {
  const { steps, notes } = plan({
    sync: [
      folder("gone", { source: undefined, kind: undefined }),
      folder("plain", { kind: "file" }),
      folder("own", { targetTaken: true }),
    ],
  });
  expect(steps).toEqual([]);
  expect(notes).toEqual([
    "gone: not in the main worktree, skipped",
    "own: the worktree has its own, left as it is",
    "plain: not a folder in the main worktree, skipped",
  ]);
});

test("nothing is brought in twice: a copy into a linked folder would write into the main worktree", () => {
  const { steps } = plan({ sync: [folder("a/b"), folder("a")], copy: [file("a/b/.env"), file("ab/.env")] });
  expect(steps).toEqual([
    { do: "link", name: "a", from: "/p/a" },
    { do: "copy", name: "ab/.env", from: "/p/ab/.env" },
  ]);
  const cloned = plan({ clone: [folder("a/b")], sync: [folder("a")] });
  expect(cloned.steps.map((step) => step.name)).toEqual(["a/b"]);
  expect(cloned.notes).toEqual(["a: a/b in it is brought in already, skipped"]);
});

test("nothing leaves the project or the tree", () => {
  const refused: [string, Wanted][] = [
    ["absolute", folder("/etc")],
    ["upwards", folder("../other")],
    ["upwards inside", folder("a/../../other")],
    ["the project itself", folder(".")],
    ["git's own", folder(".git/hooks")],
    ["okstra's own", folder("./.okstra")],
    ["through a link in the project", folder("lib", { source: "/elsewhere/lib" })],
    ["to the project itself through a link", folder("self", { source: "/p" })],
    ["through a link in the tree", folder("a/lib", { targetParent: "/elsewhere" })],
  ];
  for (const [what, one] of refused) {
    expect(() => plan({ sync: [one] }), what).toThrow(Fault);
    expect(() => plan({ clone: [one] }), what).toThrow(Fault);
    expect(() => plan({ copy: [{ ...one, kind: "file" }] }), what).toThrow(Fault);
  }
  expect(plan({ sync: [folder(".gitea"), folder("..dots")] }).steps).toHaveLength(2);
});
