/**
 * What the client program and the driver both know of the Agent Client Protocol (version 1, JSON-RPC a line over stdio). The client
 * passes on every line of the agent as it came and adds lines of its own (`okstra`), so that the log shows the whole
 * conversation; requests have fixed ids, so that the driver knows what an answer answers. Pure.
 */
export const protocolVersion = 1;

/** Ids of the requests that the client makes, in this order; `load` instead of `new` where a conversation goes on. */
export const requestIds = { initialize: 1, session: 2, mode: 3, model: 4, prompt: 5 } as const;

/** Lines over this are passed on and not read. */
export const longestLine = 4 * 1024 * 1024;

/** A line of the client's own. */
export type ClientSays =
  /** The conversation is open: what comes now belongs to this question. */
  | { readonly okstra: "open"; readonly session: string; readonly model: string | null }
  /** It speaks the protocol; who it says that it is. */
  | { readonly okstra: "probed"; readonly name: string | null; readonly version: string | null }
  /** The conversation could not be gone on with and is begun anew. */
  | { readonly okstra: "anew"; readonly why: string }
  | { readonly okstra: "refused"; readonly tool: string; readonly toolCallId: string }
  | { readonly okstra: "failed"; readonly reason: string; readonly kind: "deterministic" | "unknown" };

export const clientLine = (said: ClientSays): string => `${JSON.stringify(said)}\n`;

/** Tools that change nothing, by the protocol's own kinds. Fetching is none of them: what is cited must be in the repository. */
export const readingKinds: ReadonlySet<string> = new Set(["read", "search", "think"]);
