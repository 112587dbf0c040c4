/**
 * Makes the code of compiled validators short: every start of a command reads all that it loads. An error is one call instead of eight
 * lines, a validator is told where it is and nothing else, and of the schema only those lists stay that the code looks into. What is
 * judged and what is said stays the same, but for the path into the schema, which nobody is shown.
 */

const push =
  /const (err\d+) = (\{.*\});\nif\(vErrors === null\)\{\nvErrors = \[\1\];\n\}\nelse \{\nvErrors\.push\(\1\);\n\}/g;

/** The code that ajv writes, with `lines` and `esm`, shortened. */
export function shorten(code: string): string {
  const lines = code
    .replaceAll(push, "$2")
    .replaceAll(/^\/\*# sourceURL=.*\*\/;\n/gm, "")
    .replaceAll('{instancePath="", parentData, parentDataProperty, rootData=data}={}', 'instancePath=""')
    .replaceAll(/\{instancePath:((?:(?!,parentData:).)+),parentData:(?:(?!,rootData\}).)+,rootData\}/g, "$1")
    .replaceAll("{instancePath,parentData,parentDataProperty,rootData}", "instancePath")
    .replace('"use strict";\n', "")
    .split("\n")
    .map(oneError);
  const body = withoutSchemas(lines).join("\n");
  const used = Object.entries(helpers).filter(([name]) => body.includes(`= ${name}(vErrors`));
  return [...used.map(([, text]) => text), body].join("\n");
}

/** `add` takes the errors so far and gives them with one more. */
const helpers = {
  wrong:
    "function wrong(all, instancePath, keyword, params, message) { (all ??= []).push({ instancePath, keyword, params, message }); return all; }",
  lacks:
    'function lacks(all, instancePath, missingProperty) { (all ??= []).push({ instancePath, keyword: "required", params: { missingProperty }, message: "must have required property \'" + missingProperty + "\'" }); return all; }',
  unlike:
    'function unlike(all, instancePath, type) { (all ??= []).push({ instancePath, keyword: "type", params: { type }, message: "must be " + type }); return all; }',
  unfit:
    "function unfit(all, instancePath, pattern) { (all ??= []).push({ instancePath, keyword: \"pattern\", params: { pattern }, message: 'must match pattern \"' + pattern + '\"' }); return all; }",
} as const;

const error =
  /^\{instancePath(?::(.*?))?,schemaPath:".*?",keyword:"(\w+)",params:(\{.*?\}),message:(.*?)(?:,propertyName:\w+)?\}$/;

function oneError(line: string): string {
  const [found, given, keyword = "", params = "", message = ""] = error.exec(line) ?? [];
  if (found === undefined) return line;
  const at = given ?? "instancePath";
  const [, value] = /^\{\w+: ("(?:[^"\\]|\\.)*")\}$/.exec(params) ?? [];
  if (value !== undefined) {
    if (keyword === "required") return `vErrors = lacks(vErrors, ${at}, ${value});`;
    if (keyword === "pattern") return `vErrors = unfit(vErrors, ${at}, ${value});`;
    if (keyword === "type" && message === `"must be ${value.slice(1)}`)
      return `vErrors = unlike(vErrors, ${at}, ${value});`;
  }
  return `vErrors = wrong(vErrors, ${at}, "${keyword}", ${params}, ${message});`;
}

const declared = /^const (schema\d+) = (\{.*\});$/;
const looked = /\b(schema\d+)((?:\.[A-Za-z_$][\w$]*|\[\d+\]|\["(?:[^"\\]|\\.)*"\])+)/g;

/** What the code looks up in a schema stands where it looks; the names that an object may have are a set. */
function withoutSchemas(lines: readonly string[]): string[] {
  const schemas = new Map<string, unknown>();
  for (const line of lines) {
    const [found, name = "", text = ""] = declared.exec(line) ?? [];
    if (found !== undefined) schemas.set(name, JSON.parse(text));
  }
  const sets = new Map<string, string>();
  const setOf = (value: unknown): string => {
    const names = JSON.stringify(Object.keys(value as object));
    const set = sets.get(names) ?? `names${sets.size}`;
    sets.set(names, set);
    return set;
  };
  const written = lines
    .filter((line) => !declared.test(line) && !/^const func\d+ = Object\.prototype\.hasOwnProperty;$/.test(line))
    .map((line) =>
      line
        .replace(
          /\bfunc\d+\.call\((schema\d+)([^,]+), (\w+)\)/g,
          (_, name: string, path: string, key: string) => `${setOf(valueAt(schemas.get(name), path))}.has(${key})`,
        )
        .replace(looked, (_, name: string, path: string) => JSON.stringify(valueAt(schemas.get(name), path))),
    );
  const left = written.find((line) => /\b(?:schema|func)\d+\b/.test(line));
  if (left !== undefined) throw new Error(`a compiled validator needs what is not there any more: ${left}`);
  return [...[...sets].map(([names, set]) => `const ${set} = /* @__PURE__ */ new Set(${names});`), ...written];
}

function valueAt(schema: unknown, path: string): unknown {
  let value = schema;
  for (const [, name, index, quoted] of path.matchAll(/\.([\w$]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g)) {
    const key = name ?? index ?? String(JSON.parse(quoted ?? '""'));
    value = (value as Readonly<Record<string, unknown>> | undefined)?.[key];
  }
  if (value === undefined) throw new Error(`the schema has nothing at ${path}`);
  return value;
}
