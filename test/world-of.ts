/** A world that says nothing and hears nothing, for what is tested without a command line. */
import type { World } from "../src/engine/index.ts";
import type { Host } from "../src/host/index.ts";

export const worldOf = (host: Host, home: string): World => ({
  host,
  home,
  okstraVersion: "0.0.0-test",
  listen: () => undefined,
  say: () => undefined,
  signal: new AbortController().signal,
});
