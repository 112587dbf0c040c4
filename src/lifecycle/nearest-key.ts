/** The known task key that a mistyped or shortened one most likely means. */
import { nearest } from "../model/index.ts";
import { segment } from "./segment.ts";

/**
 * One of `keys` (as printed, `p/g/t`), or undefined when none is near. The same key in another spelling comes first, then a key
 * of which `wanted` is the end (`g/t` or `t`, if only one ends so), then the nearest by edit distance.
 */
export function nearestKey(keys: readonly string[], wanted: string): string | undefined {
  const forms = keys.map((key) => ({ key, form: formOf(key) }));
  const form = formOf(wanted);
  const same = forms.find((one) => one.form === form);
  if (same !== undefined) return same.key;
  const ending = forms.filter((one) => one.form.endsWith(`/${form}`));
  if (ending.length === 1) return ending[0]?.key;
  const near = nearest(
    form,
    forms.map((one) => one.form),
  );
  return forms.find((one) => one.form === near)?.key;
}

const formOf = (key: string): string =>
  key
    .trim()
    .split(key.includes("/") ? "/" : ":")
    .map((part) => segment(part))
    .join("/");
