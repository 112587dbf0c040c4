import fc from "fast-check";
import { expect, test } from "vitest";
import { countTests } from "./count-tests.ts";
import { isTestPath } from "./test-paths.ts";
import { testsWeakened } from "./tests-weakened.ts";

const kinds = (changes: Parameters<typeof testsWeakened>[0]) =>
  testsWeakened(changes).map(({ path, kind }) => `${kind} ${path}`);
const changed = (path: string, before: string | null, after: string | null) => ({ path, before, after });

const js = `
import { expect, test } from "vitest";
test("adds", () => { expect(add(1, 2)).toBe(3); });
test("adds nothing", () => {
  expect(add(0, 0)).toBe(0);
  expect(add(5, 0)).toBe(5);
});
`;

test("which paths are tests", () => {
  const yes = [
    "test/a.js",
    "tests/x/y.py",
    "src/__tests__/a.ts",
    "lib/__test__/b.js",
    "src/a.spec.ts",
    "a.test.mjs",
    "pkg/a_test.go",
    "x/test_a.py",
    "app/UserTest.java",
  ];
  const no = ["src/a.ts", "contest/a.js", "latest.js", "docs/testing.md", "src/attest.ts"];
  expect(yes.filter((path) => !isTestPath(path))).toEqual([]);
  expect(no.filter(isTestPath)).toEqual([]);
});

test("what only adds is no weakening", () => {
  const more = `${js}\ntest("adds less", () => { expect(add(1, -1)).toBe(0); });`;
  expect(kinds([changed("test/a.test.js", js, more), changed("test/new.test.js", null, js)])).toEqual([]);
  expect(kinds([changed("src/add.js", "export const a = expect(1)", null)])).toEqual([]);
});

test("a deleted test file", () => {
  const [only] = testsWeakened([changed("test/a.test.js", js, null)]);
  expect(only).toMatchObject({ kind: "deleted", path: "test/a.test.js" });
  expect(only?.why).toContain("2 tests (gone: adds, adds nothing)");
});

test("new tests elsewhere do not make up for deleted ones", () => {
  const others = js.replaceAll("adds", "multiplies");
  expect(kinds([changed("test/a.test.js", js, null), changed("test/b.test.js", null, others)])).toEqual([
    "deleted test/a.test.js",
  ]);
});

test("a moved test file is none, a moved and thinned one is", () => {
  expect(kinds([changed("test/a.test.js", js, null), changed("test/math/a.test.js", null, js)])).toEqual([]);
  const thinner = js.replace("  expect(add(5, 0)).toBe(5);\n", "");
  expect(kinds([changed("test/a.test.js", js, null), changed("test/math/a.test.js", null, thinner)])).toEqual([
    "assertions test/a.test.js",
  ]);
});

test("a mark to skip may move along with its test", () => {
  const skipped = js.replace('test("adds",', 'test.skip("adds",');
  expect(kinds([changed("test/a.test.js", skipped, null), changed("test/b.test.js", null, skipped)])).toEqual([]);
});

test("fewer tests, renamed tests", () => {
  expect(kinds([changed("test/a.test.js", js, js.replace(/test\("adds nothing"[\s\S]*/, ""))])).toEqual([
    "fewer test/a.test.js",
    "assertions test/a.test.js",
  ]);
  expect(kinds([changed("test/a.test.js", js, js.replace('"adds nothing"', '"adds zero"'))])).toEqual([]);
});

test("a test that was commented out is gone", () => {
  const out = js.replace('test("adds", () =>', '// test("adds", () =>');
  expect(kinds([changed("test/a.test.js", js, out)])).toEqual(["fewer test/a.test.js", "assertions test/a.test.js"]);
  const block = js.replace('test("adds",', '/* test("adds",').replace("toBe(3); });", "toBe(3); }); */");
  expect(kinds([changed("test/a.test.js", js, block)])).toContain("fewer test/a.test.js");
});

const skips: [string, string, string][] = [
  ["test/a.test.js", 'it("a", f)', 'it.skip("a", f)'],
  ["test/a.test.js", 'it("a", f)', 'xit("a", f)'],
  ["test/a.test.ts", 'test("a", f)', 'test.todo("a")'],
  ["test/a.test.js", 'describe("a", f)', 'describe.skip("a", f)'],
  ["test/a.test.js", 'test("a", f)', 'test("a", { skip: true }, f)'],
  ["test/a.test.js", 'test("a", (t) => {})', 'test("a", (t) => { t.skip(); })'],
  ["tests/test_a.py", "def test_a():\n  assert 1\n", "@pytest.mark.skip\ndef test_a():\n  assert 1\n"],
  ["tests/test_a.py", "def test_a(self):\n  assert 1\n", "def test_a(self):\n  self.skipTest('x')\n  assert 1\n"],
  ["a_test.go", "func TestA(t *testing.T) {\n}", "func TestA(t *testing.T) {\n t.Skip()\n}"],
  ["src/lib.rs", "#[test]\nfn a() { assert!(true); }", "#[test]\n#[ignore]\nfn a() { assert!(true); }"],
  ["src/ATest.java", "@Test\nvoid a() {}", "@Disabled\n@Test\nvoid a() {}"],
  ["spec/a_spec.rb", 'it "a" do\nend', 'xit "a" do\nend'],
];
for (const [path, before, after] of skips) {
  test(`skipped: ${path} ${after.replaceAll("\n", " ")}`, () => {
    expect(kinds([changed(path, before, after)])).toContain(`skipped ${path}`);
    expect(kinds([changed(path, before, before)])).toEqual([]);
    expect(kinds([changed(path, after, before)])).toEqual([]);
  });
}

test("a test singled out stops the others", () => {
  expect(kinds([changed("test/a.test.js", js, js.replace('test("adds",', 'test.only("adds",'))])).toEqual([
    "only test/a.test.js",
  ]);
});

test("assertions removed", () => {
  expect(kinds([changed("test/a.test.js", js, js.replace("  expect(add(5, 0)).toBe(5);\n", ""))])).toEqual([
    "assertions test/a.test.js",
  ]);
  expect(kinds([changed("tests/test_a.py", "def test_a():\n  assert f() == 1\n", "def test_a():\n  f()\n")])).toEqual([
    "assertions tests/test_a.py",
  ]);
  expect(
    kinds([
      changed("a_test.go", 'func TestA(t *testing.T) {\n if x { t.Fatal("no") }\n}', "func TestA(t *testing.T) {\n}"),
    ]),
  ).toEqual(["assertions a_test.go"]);
  expect(kinds([changed("src/lib.rs", "#[test]\nfn a() { assert_eq!(f(), 1); }", "#[test]\nfn a() { f(); }")])).toEqual(
    ["assertions src/lib.rs"],
  );
});

test("an assertion inside a comment or a string is none", () => {
  const count = countTests(
    "a.test.js",
    'test("x", () => { // expect(1)\n const s = "expect(2)"; expect(`a // expect(3)`); /* expect(4) */ });',
  );
  expect(count).toMatchObject({ tests: ["x"], assertions: 1 });
  expect(countTests("test_a.py", 'def test_a():\n  """assert this"""\n  assert "#"  # assert that\n')).toMatchObject({
    assertions: 1,
  });
  expect(countTests("a.rs", "#[test]\nfn a<'a>() { let c = '\"'; assert!(c == '\"'); }")).toMatchObject({
    tests: ["a"],
    assertions: 1,
  });
});

test("names in several languages", () => {
  expect(countTests("a.test.ts", 'it.each([1, 2])("n %s", () => {}); test.skip("b", f); xit("c", f)').tests).toEqual([
    "n %s",
    "b",
    "c",
  ]);
  expect(countTests("a_test.go", 'func TestA(t *testing.T) {\n t.Run("one", f)\n}\nfunc helper() {}').tests).toEqual([
    "TestA",
    "one",
  ]);
  expect(countTests("ATest.java", "@Test\npublic void adds() { }\n@Test(timeout = 1) void b() {}").tests).toEqual([
    "adds",
    "b",
  ]);
  expect(countTests("a.md", "test('x')").tests).toEqual([]);
});

test("removing any one test of a file is always seen", () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z ]{1,12}$/), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(names, fc.nat(), (all, which) => {
      const body = (some: readonly string[]) =>
        some.map((name) => `test(${JSON.stringify(name)}, () => {\n  expect(1).toBe(1);\n});\n`).join("\n");
      const left = all.filter((_, index) => index !== which % all.length);
      expect(kinds([changed("test/a.test.js", body(all), body(left))])).toContain("fewer test/a.test.js");
      expect(kinds([changed("test/a.test.js", body(left), body(all))])).toEqual([]);
    }),
  );
});
