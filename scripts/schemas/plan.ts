/** What generating would write, as data; `scripts/generate.ts` applies it and a test compares it with what is committed. */
import { collect } from "./collect.ts";
import { compile, typesOf } from "./compile.ts";
import { document, type JsonObject, publish } from "./publish.ts";

export type Planned = { readonly path: string; readonly text: string };

export type Plan = {
  /** schemas/<id>.json: committed and shipped. */
  readonly published: readonly Planned[];
  /**
   * src/generated/<noun>.check.{js,d.ts}: made anew by each build. Each validator is a module of its own (<noun>.<id>.js), so that a
   * command loads those it uses.
   */
  readonly generated: () => Planned[];
};

export async function plan(root: string): Promise<Plan> {
  const files = await collect(root);
  const documents = new Map<string, JsonObject>();
  for (const { declared } of files) for (const { id, schema } of declared) documents.set(id, document(id, schema));
  const generated = () =>
    files.flatMap((file) => {
      const stem = `src/generated/${file.noun}`;
      const single = file.declared.map((one) => ({
        path: `${stem}.${one.id}.js`,
        text: compile({ ...file, declared: [one] }, documents).code,
      }));
      const handsOn = file.declared.map(
        ({ id, typeName }) => `export { check${typeName} } from "./${file.noun}.${id}.js";\n`,
      );
      return [
        ...single,
        { path: `${stem}.check.js`, text: handsOn.join("") },
        { path: `${stem}.check.d.ts`, text: typesOf(file) },
      ];
    });
  const published = [...documents].map(([id, whole]) => ({
    path: `schemas/${id}.json`,
    text: `${JSON.stringify(publish(whole), null, 2)}\n`,
  }));
  return { published, generated };
}
