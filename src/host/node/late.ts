/**
 * A part of the host whose code is loaded at its first call: a command that only looks calls neither git nor any other program,
 * and what it never loads it need not wait for.
 */

type Verbs<T> = { readonly [Name in keyof T]: T[Name] extends (...given: never) => Promise<unknown> ? true : never };

/** All of `verbs`, which names each verb of the part (they return promises, so that a caller notices nothing). */
export function late<T extends object>(verbs: Verbs<T>, load: () => Promise<T>): T {
  let loading: Promise<T> | undefined;
  const call =
    (verb: keyof T) =>
    async (...given: readonly unknown[]): Promise<unknown> => {
      loading ??= load();
      const part = await loading;
      return await Reflect.apply(part[verb] as (...given: readonly unknown[]) => unknown, part, given);
    };
  return Object.fromEntries(Object.keys(verbs).map((verb) => [verb, call(verb as keyof T)])) as T;
}
