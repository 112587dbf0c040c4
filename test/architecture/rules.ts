/** Holds sources against the table of rooms: pure, from file texts to sentences about what is wrong. */
import { posix } from "node:path";
import { type Facts, type Import, scan } from "./scan.ts";

export type Table = {
  /** Rooms by tier, lowest first. A room may import every room of a lower tier. */
  readonly tiers: readonly (readonly string[])[];
  /** Arrows within a tier. */
  readonly within: Readonly<Record<string, readonly string[]>>;
  /** Arrows within a tier for the types of schema files alone: nouns that are decided in one room and judged in another. */
  readonly nouns: Readonly<Record<string, readonly string[]>>;
  /** Rooms inside a room (`host/node`) with the only rooms that may import them. */
  readonly inner: Readonly<Record<string, readonly string[]>>;
  /** Rooms that may touch the world around. */
  readonly effects: readonly string[];
  /** Rooms that are a process of their own: those of their files that others import must not touch the world. */
  readonly programs: readonly string[];
  /** node: modules that every room above the lowest tier may use. */
  readonly freeBuiltins: readonly string[];
  /** Names of free modules that are chance, not computation. */
  readonly chance: readonly string[];
  /** Packages and the rooms that may import them at run time; "*" is every room above the lowest tier. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
  readonly fileLines: number;
  readonly functionLines: number;
};

export type Sources = ReadonlyMap<string, string>;

type File = { readonly path: string; readonly room: string; readonly facts: Facts };

/** `sources`: paths from the root with slashes, `src/...`. */
export function violations(table: Table, sources: Sources): string[] {
  const files = [...sources]
    .filter(([path]) => !path.startsWith("src/generated/") && !/\.(?:test|fixture)\.ts$/.test(path))
    .map(([path, text]) => ({ path, room: roomOf(table, path), facts: scan(path, text) }));
  return [
    ...files.flatMap((file) => file.facts.imports.flatMap((each) => wrongImport(table, file, each))),
    ...files.flatMap((file) => wrongEffects(table, file)),
    ...files.flatMap((file) => tooLong(table, file)),
    ...files.flatMap((file) => leaks(table, file, new Map(files.map((each) => [each.path, each])))),
    ...cycles(files).map((cycle) => `import cycle: ${cycle.join(" -> ")}`),
  ];
}

/** `src/host/node/files.ts` -> `host/node`; `src/main.ts` -> `main`. */
function roomOf(table: Table, path: string): string {
  const inside = path.replace(/^src\//, "");
  const inner = Object.keys(table.inner).find((room) => inside.startsWith(`${room}/`));
  return inner ?? (inside.includes("/") ? inside.slice(0, inside.indexOf("/")) : inside.replace(/\.ts$/, ""));
}

function wrongImport(table: Table, file: File, each: Import): string[] {
  const say = (why: string) => [`${file.path}:${each.line} imports ${each.from}: ${why}`];
  if (each.from === "<computed>") return table.effects.includes(file.room) ? [] : say("the path is not written out");
  if (each.from.startsWith("node:")) return wrongBuiltin(table, file, each).flatMap(say);
  if (!each.from.startsWith(".")) return wrongPackage(table, file, each).flatMap(say);
  return wrongArrow(table, file, each).flatMap(say);
}

function wrongBuiltin(table: Table, { room }: File, { from, names, typeOnly }: Import): string[] {
  if (typeOnly || table.effects.includes(room)) return [];
  if (tierOf(table, room) === 0 || !table.freeBuiltins.includes(from)) return [`room ${room} may not use ${from}`];
  const chance = names.filter((name) => table.chance.includes(name));
  return chance.length > 0 ? [`${chance.join(", ")}: chance comes from the host`] : [];
}

function wrongPackage(table: Table, { path, room }: File, { from, typeOnly }: Import): string[] {
  const name = from
    .split("/")
    .slice(0, from.startsWith("@") ? 2 : 1)
    .join("/");
  const rooms = table.packages[name];
  if (rooms === undefined) return [`package ${name} is not in the table`];
  if (typeOnly || rooms.includes(room) || (rooms.includes("*") && tierOf(table, room) > 0)) return [];
  if (rooms.includes("*.schema.ts") && isSchema(path)) return [];
  return [`only ${rooms.join(", ")} may import ${name}`];
}

function wrongArrow(table: Table, file: File, { from, typeOnly }: Import): string[] {
  const target = resolve(file.path, from);
  if (!target.startsWith("src/")) return ["outside src/"];
  if (target.startsWith("src/generated/")) {
    return tierOf(table, file.room) === 0 ? ["the lowest tier uses no validators"] : [];
  }
  if (isSchema(target) && !typeOnly && !isSchema(file.path)) return ["of a schema file only types are imported"];
  const room = roomOf(table, target);
  if (room === file.room) return [];
  if (isSchema(target) && typeOnly && (table.nouns[file.room]?.includes(room) ?? false)) return [];
  if (!mayImport(table, file.room, room)) return [`room ${file.room} may not import room ${room}`];
  const family = outerOf(table, file.room) === room || outerOf(table, room) === file.room;
  const single = target === `src/${room}.ts`;
  const open = family || single || isSchema(target) || isSchema(file.path);
  return open || target === `src/${room}/index.ts` ? [] : [`room ${room} is entered through its index.ts`];
}

function mayImport(table: Table, from: string, to: string): boolean {
  const allowed = table.inner[to];
  if (allowed !== undefined) return allowed.includes(from);
  const outer = outerOf(table, from);
  if (outer !== undefined) return outer === to || mayImport(table, outer, to);
  return tierOf(table, to) < tierOf(table, from) || (table.within[from]?.includes(to) ?? false);
}

const outerOf = (table: Table, room: string): string | undefined =>
  room in table.inner ? room.slice(0, room.indexOf("/")) : undefined;

function tierOf(table: Table, room: string): number {
  const outer = outerOf(table, room) ?? room;
  const tier = table.tiers.findIndex((rooms) => rooms.includes(outer));
  if (tier === -1) throw new Error(`room ${room} is in no tier of the table`);
  return tier;
}

function wrongEffects(table: Table, { path, room, facts }: File): string[] {
  if (table.effects.includes(room)) return [];
  return facts.effects.map(
    ({ name, line }) => `${path}:${line} uses ${name}: room ${room} reaches the world through the host`,
  );
}

/** A room that shares files with a program must not get the program's effects with them. */
function leaks(table: Table, { path, room, facts }: File, files: ReadonlyMap<string, File>): string[] {
  const shared = valueImports(path, facts).filter((target) => {
    const to = roomOf(table, target);
    return to !== room && table.programs.includes(to);
  });
  return shared.flatMap((target) => {
    const touched = [...reached(target, files)].filter((file) => touchesWorld(table, file));
    return touched.map((file) => `${path} reaches ${file.path}, which touches the world for a process of its own`);
  });
}

function reached(path: string, files: ReadonlyMap<string, File>, seen = new Set<File>()): Set<File> {
  const file = files.get(path);
  if (file === undefined || seen.has(file)) return seen;
  seen.add(file);
  for (const next of valueImports(path, file.facts)) reached(next, files, seen);
  return seen;
}

const touchesWorld = (table: Table, { room, facts }: File): boolean =>
  table.programs.includes(room) &&
  (facts.effects.length > 0 ||
    facts.imports.some(
      ({ from, typeOnly }) => from.startsWith("node:") && !typeOnly && !table.freeBuiltins.includes(from),
    ));

function tooLong(table: Table, { path, facts }: File): string[] {
  const long = facts.functions.filter(({ length }) => length > table.functionLines);
  return [
    ...(facts.lines > table.fileLines ? [`${path} has ${facts.lines} lines, more than ${table.fileLines}`] : []),
    ...long.map(
      ({ name, line, length }) => `${path}:${line} ${name} has ${length} lines, more than ${table.functionLines}`,
    ),
  ];
}

const isSchema = (path: string): boolean => path.endsWith(".schema.ts");

const resolve = (path: string, from: string): string => posix.join(posix.dirname(path), from);

const valueImports = (path: string, { imports }: Facts): string[] =>
  imports.filter(({ from, typeOnly }) => !typeOnly && from.startsWith(".")).map(({ from }) => resolve(path, from));

/** Types leave no trace at run time, so they close no cycle. One round trip per knot of files that reach each other (Tarjan's strongly connected components). */
function cycles(files: readonly File[]): string[][] {
  const edges = new Map(files.map(({ path, facts }) => [path, valueImports(path, facts)]));
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (path: string): number => {
    const index = order.size;
    order.set(path, index);
    low.set(path, index);
    stack.push(path);
    for (const next of edges.get(path) ?? []) {
      if (!edges.has(next)) continue;
      if (!order.has(next)) low.set(path, Math.min(low.get(path) ?? index, visit(next)));
      else if (stack.includes(next)) low.set(path, Math.min(low.get(path) ?? index, order.get(next) ?? index));
    }
    if (low.get(path) === index) {
      const knot = stack.splice(stack.indexOf(path));
      if (knot.length > 1 || edges.get(path)?.includes(path)) found.push([...knot, path]);
    }
    return low.get(path) ?? index;
  };
  for (const path of edges.keys()) if (!order.has(path)) visit(path);
  return found;
}
