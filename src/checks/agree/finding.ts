/**
 * A disagreement among the records: the row that names it, and what would mend it without losing anything, or why that is left to a
 * person. Every kind, with what is done about it, stands in the table of docs/guides/when-records-disagree.md.
 */
import type { TaskKey } from "../../model/index.ts";
import type { RegistryEntry } from "../../registry/registry.schema.ts";
import type { Check } from "../checks.schema.ts";

/** What `mend` does; data, so that finding stays apart from doing. */
export type Mend =
  | { readonly do: "settle" | "refill" | "reconcile"; readonly key: TaskKey }
  | { readonly do: "release"; readonly key: TaskKey; readonly stage: number; readonly merge: boolean }
  | { readonly do: "register"; readonly entries: readonly RegistryEntry[] }
  | { readonly do: "bring-back" | "record-tree" | "drop-entry"; readonly name: string; readonly key: TaskKey }
  | { readonly do: "branch"; readonly name: string; readonly key: TaskKey; readonly commit: string }
  | { readonly do: "forget-tree"; readonly path: string; readonly key: TaskKey }
  | { readonly do: "remove-empty"; readonly path: string }
  | { readonly do: "empty-trash" }
  | { readonly do: "catalog" }
  | { readonly do: "list-run"; readonly run: string };

export type Finding = {
  readonly check: Check;
  readonly mend: Mend | null;
  /** Why it is left to a person; empty when it can be mended. */
  readonly left: string;
};

type Named = Pick<Check, "id" | "where" | "severity" | "message"> & { readonly remedy?: string };

export const mendable = (named: Named, mend: Mend): Finding => ({
  check: { ...named, ok: false, remedy: named.remedy ?? "okstra doctor --fix" },
  mend,
  left: "",
});

export const leftAlone = (named: Named & { readonly remedy: string }, why: string): Finding => ({
  check: { ...named, ok: false },
  mend: null,
  left: why,
});
