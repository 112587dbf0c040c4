/** What is said of commits without git equals what git says; where it could differ, git is asked. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type TestRepository, testRepository } from "../../../test/repository.ts";
import { plainCommit, plainlyDescends } from "./git-objects.ts";

const objectAt = (repo: TestRepository, id: string): string =>
  join(repo.root, ".git/objects", id.slice(0, 2), id.slice(2));

/** A commit on these parents, of which each has the tree of the first commit. */
const commitOn = (repo: TestRepository, parents: readonly string[], message: string): string =>
  repo.git(
    repo.root,
    ...["commit-tree", `${repo.start}^{tree}`, "-m", message, ...parents.flatMap((parent) => ["-p", parent])],
  );

const gitDescends = (repo: TestRepository, ancestor: string, descendant: string): boolean =>
  repo.git(repo.root, "merge-base", ancestor, descendant) === ancestor;

test("descent in any small graph, from the repository and from its .git", () => {
  using repo = testRepository();
  fc.assert(
    fc.property(fc.array(fc.uniqueArray(fc.nat(5), { maxLength: 3 }), { minLength: 2, maxLength: 5 }), (graph) => {
      const made = [repo.start];
      for (const [at, parents] of graph.entries()) {
        const known = [...new Set(parents.map((parent) => made[parent % made.length] ?? repo.start))];
        made.push(commitOn(repo, known.length === 0 ? [repo.start] : known, `commit ${at}`));
      }
      const last = made.at(-1) ?? repo.start;
      for (const one of made) {
        expect(plainlyDescends(repo.root, one, last)).toBe(gitDescends(repo, one, last));
        expect(plainlyDescends(join(repo.root, ".git"), last, one)).toBe(one === last);
      }
    }),
    { numRuns: 5 },
  );
});

test("of a history that is packed, only what its loose commits say", async () => {
  using repo = testRepository();
  const packed = repo.commit(repo.root, { "b.txt": "b\n" });
  repo.git(repo.root, "repack", "-adq");
  const loose = repo.commit(repo.root, { "c.txt": "c\n" });
  const aside = commitOn(repo, [repo.start], "aside");
  expect(plainlyDescends(repo.root, packed, loose)).toBe(true);
  expect(plainlyDescends(repo.root, repo.start, loose)).toBeUndefined();
  expect(plainlyDescends(repo.root, aside, loose)).toBeUndefined();
  expect(plainlyDescends(repo.root, packed, packed)).toBeUndefined();
  expect(plainCommit(repo.root, packed)).toBeUndefined();
  const { git } = repo.host;
  expect(await git.isAncestor(repo.root, repo.start, loose)).toBe(true);
  expect(await git.isAncestor(repo.root, aside, loose)).toBe(false);
  expect(await git.resolve(repo.root, `${packed}^{commit}`)).toBe(packed);
  expect(await git.resolve(repo.root, loose)).toBe(loose);
  expect([await git.commits(repo.root, loose, loose), await git.commits(repo.root, packed, packed)]).toEqual([[], []]);
  await expect(git.commits(repo.root, "0".repeat(40), "0".repeat(40))).rejects.toMatchObject({
    failure: { reason: "git-failed" },
  });
});

test("a clone that is cut short, another kind of object, a broken one and none are left to git", async () => {
  using repo = testRepository();
  const second = repo.commit(repo.root, { "b.txt": "b\n" });
  const { git } = repo.host;
  const tree = repo.git(repo.root, "rev-parse", `${second}^{tree}`);
  expect(plainCommit(repo.root, tree)).toBeUndefined();
  expect(await git.resolve(repo.root, tree)).toBeUndefined();
  expect(plainCommit(repo.root, "0".repeat(40))).toBeUndefined();
  expect(plainCommit(repo.root, "main")).toBeUndefined();
  expect(plainCommit(repo.folder, second)).toBeUndefined();
  writeFileSync(join(repo.root, ".git/shallow"), `${second}\n`);
  expect(plainlyDescends(repo.root, repo.start, second)).toBeUndefined();
  expect(await git.isAncestor(repo.root, repo.start, second)).toBe(false);
  rmSync(join(repo.root, ".git/shallow"));
  expect(plainlyDescends(repo.root, repo.start, second)).toBe(true);
  // Another commit's bytes under this one's name.
  rmSync(objectAt(repo, second));
  const other = commitOn(repo, [], "other");
  writeFileSync(objectAt(repo, second), readFileSync(objectAt(repo, other)));
  expect(plainCommit(repo.root, second)).toBeUndefined();
  expect(plainlyDescends(repo.root, repo.start, second)).toBeUndefined();
});
