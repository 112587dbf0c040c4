/** The scripted agent's stdout. Each write waits for the reader, so that speaking for ever fills no memory here. */
import { line, type Said } from "./stream.ts";

export const say = (said: Said): Promise<void> => utter(line(said));

/** Bytes as they stand, for what is not a line of the stream. */
export const utter = (bytes: string | Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(bytes, (cause) => {
      // Nobody listens any more: there is nobody left to play for.
      if (cause != null && "code" in cause && cause.code === "EPIPE") process.exit(1);
      if (cause == null) resolve();
      else reject(cause);
    });
  });

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Stays until somebody ends the process. */
export const hang = async (): Promise<never> => {
  for (;;) await pause(60_000);
};
