/** Holds scripted agents still: a scenario's `{ puppet: path }` waits here until it is let go. */
import { createServer, type Socket } from "node:net";

export type Puppets = AsyncDisposable & {
  /** What the scenario names. */
  readonly path: string;
  /** Settles when the n-th agent (1 first) waits. */
  arrived(n: number): Promise<void>;
  /** Lets everybody go who waits now. */
  go(): void;
};

/** Listens at a unix socket; its path must be short (108 bytes). */
export async function puppets(path: string): Promise<Puppets> {
  const sockets: Socket[] = [];
  const waiting = new Map<number, () => void>();
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    waiting.get(sockets.length)?.();
  });
  await new Promise<void>((settle) => server.listen(path, settle));
  return {
    path,
    arrived: (n) => (sockets.length >= n ? Promise.resolve() : new Promise<void>((settle) => waiting.set(n, settle))),
    go: () => {
      for (const socket of sockets) socket.write("go\n");
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((settle) => server.close(() => settle()));
    },
  };
}
