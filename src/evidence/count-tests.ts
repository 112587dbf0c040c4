/** What a test file holds: its tests by name, how many are skipped or singled out, how many assertions it makes. Pure. */
import { type Dialect, dialectOf, readSource } from "./source-text.ts";

export type TestCount = {
  /** One entry for each test; without a name of its own, its position. */
  readonly tests: readonly string[];
  readonly skipped: number;
  /** Tests singled out (`.only`): all others do not run. */
  readonly only: number;
  readonly assertions: number;
};

export const noTests: TestCount = { tests: [], skipped: 0, only: 0, assertions: 0 };

type Words = { readonly test: RegExp; readonly skip: RegExp; readonly only: RegExp; readonly assertion: RegExp };

const never = /(?!)/g;

const words: Readonly<Record<Dialect, Words>> = {
  "c-like": {
    test: /(?<![\w$.])(?:(?:it|test|specify)(?:\.(?:only|skip|todo|fails|failing|concurrent|sequential|each|for)\b(?:\([^()]*\)|`[^`]*`)?)*|xit|xtest|fit|Deno\.test)\s*\(\s*(?:["'`](?<name>[^"'`\n]*)["'`])?|(?:@(?:Test|ParameterizedTest)\b(?:\([^()]*\))?|\[(?:Fact|Theory|Test|TestMethod)\b[^\]]*\])[^;{}]*?(?<annotated>\w+)\s*\(|\bpublic function (?<method>test\w+)|\bfunc (?<swift>test\w+)\s*\(/g,
    skip: /(?<![\w$])(?:it|test|describe|suite|specify|context)\.(?:skip|todo|skipIf\b|fixme)|(?<![\w$.])(?:xit|xtest|xdescribe|xcontext)\s*\(|(?<![\w$])(?:t|ctx|context|this)\.skip\s*\(|\bskip\s*:\s*(?:true|["'`])|\btodo\s*:\s*(?:true|["'`])|@(?:Disabled|Ignore)\b|\bSkip\s*=|\[Ignore\b|\bmarkTest(?:Skipped|Incomplete)\b|\bXCTSkip/g,
    only: /(?<![\w$])(?:it|test|describe|suite|specify|context)\.only\b|(?<![\w$.])(?:fit|fdescribe|fcontext)\s*\(|\bonly\s*:\s*true/g,
    assertion:
      /(?<![\w$])(?:expect(?:TypeOf|Type|\.soft)?|assert\w*|assertThat|verify|XCTAssert\w*)(?:\.\w+)*\s*(?:<[^<>]*>)?\s*\(|\.should\b|\bAssert\.\w+|(?<![\w$])t\.(?:is|not|deepEqual|equal|equals|same|true|false|truthy|falsy|throws|throwsAsync|ok|regex|assert)\s*\(|\$this->assert\w+/g,
  },
  python: {
    test: /^[ \t]*(?:async[ \t]+)?def[ \t]+(?<name>test\w*)[ \t]*\(/gm,
    skip: /@(?:pytest\.mark\.(?:skip|skipif|xfail)|unittest\.(?:skip|skipIf|skipUnless|expectedFailure)|skip)\b|\bpytest\.(?:skip|xfail)\s*\(|\bself\.skipTest\s*\(|\bpytestmark\s*=\s*pytest\.mark\.skip/g,
    only: never,
    assertion:
      /^[ \t]*assert\b|\bself\.(?:assert|fail)\w*\s*\(|\bpytest\.(?:raises|approx|warns|fail)\s*\(|\.assert_\w+\s*\(/gm,
  },
  ruby: {
    test: /^[ \t]*(?:(?:it|specify|test|scenario|example)[ \t(]+["'](?<name>[^"'\n]*)["']|def[ \t]+(?<method>test_\w+))/gm,
    skip: /^[ \t]*(?:xit|xspecify|xdescribe|xcontext|pending|skip)\b/gm,
    only: /^[ \t]*(?:fit|fdescribe|fcontext)\b|\bfocus: true/gm,
    assertion: /\bexpect\s*[({]|\.should(?:_not)?\b|\b(?:assert|refute)\w*\b/g,
  },
  go: {
    test: /^func[ \t]+(?<name>(?:Test|Fuzz|Example|Benchmark)\w*)[ \t]*\(|\bt\.Run\(\s*["`](?<sub>[^"`\n]*)["`]/gm,
    skip: /\b(?:t|b|tb)\.Skip(?:f|Now)?\s*\(/g,
    only: never,
    assertion: /\b(?:t|b|tb)\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\s*\(|\b(?:assert|require|is)\.\w+\s*\(/g,
  },
  rust: {
    test: /#\[(?:\w+::)*test\b[^\]]*\](?:\s*#\[[^\]]*\])*\s*(?:pub\s+)?(?:async\s+)?fn\s+(?<name>\w+)/g,
    skip: /#\[ignore\b/g,
    only: never,
    assertion: /\b(?:debug_)?assert\w*!|#\[should_panic|\bpanic!\s*\(/g,
  },
};

/** Counts what stands in the file; a language that is not known counts as holding no test. */
export function countTests(path: string, text: string): TestCount {
  const dialect = dialectOf(path);
  if (dialect === undefined) return noTests;
  const { code, bare } = readSource(text, dialect);
  const { test, skip, only, assertion } = words[dialect];
  const named = [...code.matchAll(test)].map((found) =>
    Object.values(found.groups ?? {}).find((name) => name !== undefined),
  );
  return {
    tests: named.map((name, index) => name ?? `test ${index + 1}`),
    skipped: count(bare, skip),
    only: count(bare, only),
    assertions: count(bare, assertion),
  };
}

const count = (text: string, what: RegExp): number => [...text.matchAll(what)].length;
