import fc from "fast-check";
import { expect, test } from "vitest";
import { assertGolden } from "../../test/golden.ts";
import { bubblewrapped } from "./bubblewrap.ts";
import { type Mount, ordered, type Rule, seen, surroundings, type Treatment, written } from "./rules.ts";
import { seatbelted } from "./seatbelt.ts";

const treatments: readonly Treatment[] = ["hidden", "private", "seen", "written"];
const path = fc
  .array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 4 })
  .map((parts) => `/${parts.join("/")}`);
const mount = fc.record({ path, as: fc.constantFrom(...treatments), kind: fc.constant("folder" as const) });

/** What holds at a path, from the rules themselves. */
function treatment(mounts: readonly Mount[], at: string): Treatment {
  const around = mounts.filter((one) => at === one.path || at.startsWith(`${one.path}/`));
  const deepest = Math.max(0, ...around.map((one) => one.path.length));
  const holding = around.filter((one) => one.path.length === deepest).map(({ as }) => as);
  return treatments.findLast((as) => holding.includes(as)) ?? "seen";
}

const open = (as: Treatment): string => (as === "hidden" || as === "private" ? "closed" : as);

test("the deepest rule of a path holds, also after rules that say nothing new are left out; parents come first", () => {
  fc.assert(
    fc.property(fc.array(mount, { maxLength: 12 }), path, (mounts, at) => {
      const kept = ordered(mounts);
      expect(open(treatment(kept, at))).toBe(open(treatment(mounts, at)));
      for (const [index, one] of kept.entries())
        expect(kept.slice(index + 1).some((later) => one.path.startsWith(`${later.path}/`))).toBe(false);
    }),
  );
});

const around = {
  userHome: "/home/ada",
  home: "/home/ada/.okstra",
  projectRoot: "/home/ada/work/shop",
  temporaryFolder: "/home/ada/tmp",
  path: "/home/ada/.nvm/versions/node/v22/bin:/home/ada/bin:/home/ada/.local/bin:relative:/usr/local/bin:/usr/bin",
  programs: ["/home/ada/.npm-global/lib/node_modules/@agents/one/cli.js", "/home/ada/agent"],
};
const at = (rules: readonly Rule[], wanted: string): string =>
  open(treatment(ordered(rules.map((rule) => ({ ...rule, kind: "folder" }))), wanted));

test("homes, sockets and okstra's records are closed; toolchains and what is named are seen", () => {
  const rules = [...surroundings(around), seen(around.projectRoot), written("/home/ada/.okstra/worktrees/t")];
  for (const closed of [
    "",
    "/.ssh/id",
    "/.okstra/heads",
    "/work/other",
    "/work/shop/.okstra/tasks",
    "/.local/share/keyrings",
  ])
    expect([closed, at(rules, `/home/ada${closed}`)]).toEqual([closed, "closed"]);
  for (const closed of [
    "/root/.aws",
    "/home/bob",
    "/run/docker.sock",
    "/var/run/x",
    "/tmp/x",
    "/home/ada/.cargo/credentials.toml",
  ])
    expect([closed, at(rules, closed)]).toEqual([closed, "closed"]);
  for (const tool of [
    ".nvm/versions/node/v22/lib/node_modules",
    "bin/make-it",
    ".local/bin/x",
    ".cargo/bin/cargo",
    "agent",
    "work/shop/src",
  ])
    expect([tool, at(rules, `/home/ada/${tool}`)]).toEqual([tool, "seen"]);
  expect(at(rules, "/home/ada/.npm-global/lib/node_modules/other")).toBe("seen");
  expect(at(rules, "/home/ada/.okstra/worktrees/t/src")).toBe("written");
  expect(at(rules, "/home/ada/.okstra/worktrees/u")).toBe("closed");
  expect(at(rules, "/usr/bin/git")).toBe("seen");
});

test("a tool does not open the home that it lies in", () => {
  const rules = surroundings({ ...around, path: "/home/ada:/home:/:/home/bin", programs: ["/home/ada/bin/agent"] });
  expect(at(rules, "/home/ada/.ssh")).toBe("closed");
  expect(at(rules, "/home/bob")).toBe("closed");
  expect(at(rules, "/home/ada/bin/agent")).toBe("seen");
});

test("the command lines of both programs", () => {
  const rules = [
    ...surroundings(around),
    seen(around.projectRoot),
    written("/home/ada/.okstra/worktrees/shop/fix 1/stage-1"),
    seen("/home/ada/.okstra/worktrees/shop/fix 1/stage-1/.git"),
  ];
  const files = new Set(["/home/ada/agent", "/etc/resolv.conf", "/home/ada/.cargo/credentials.toml"]);
  const absent =
    /\.(?:asdf|bun|deno|fnm|ghcup|nix|opam|py|rb|rustup|sdk|volta)|\/share\/|miniconda|\/Users|\/var\/run|wrappers/;
  const there = rules.filter((rule) => !absent.test(rule.path));
  const mounts = ordered(
    there.map(
      (rule): Mount => ({ ...rule, kind: files.has(rule.path) || rule.path.endsWith(".git") ? "file" : "folder" }),
    ),
  );
  const command = ["/home/ada/agent", "--ask", 'say "hello"'] as const;
  const cwd = "/home/ada/.okstra/worktrees/shop/fix 1/stage-1";
  const text = (words: readonly string[]): string =>
    `${words
      .map((word) => (word.startsWith("--") ? `\n${word}` : ` ${word}`))
      .join("")
      .trim()}\n`;
  assertGolden(
    "confinement/bubblewrap.txt",
    text(
      bubblewrapped({
        alone: false,
        program: "/usr/bin/bwrap",
        mounts,
        cwd,
        command,
      }),
    ),
  );
  const [program, flag, profile, ...rest] = seatbelted({ program: "/usr/bin/sandbox-exec", mounts, command });
  expect([program, flag, ...rest]).toEqual(["/usr/bin/sandbox-exec", "-p", ...command]);
  assertGolden("confinement/sandbox-exec.sb", profile ?? "");
});

test("a path in a profile cannot end its own quotes", () => {
  const [, , profile] = seatbelted({
    program: "p",
    mounts: [{ path: '/a"b\\c', as: "hidden", kind: "folder" }],
    command: ["x"],
  });
  expect(profile).toContain('(subpath "/a\\"b\\\\c")');
});
