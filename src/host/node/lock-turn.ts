/**
 * Turns inside one process: of all flows that want one path only the first contends in the kernel; the others queue here,
 * first come first served, without a thread. (The kernel would part them too; this keeps the thread pool free.)
 */
export type Turn = {
  /** Settles when it is this flow's turn. */
  readonly granted: Promise<void>;
  /** Whether it was this flow's turn at once. */
  readonly atOnce: boolean;
  /** Gives the turn on, or leaves the queue. May be called again. */
  leave(): void;
};

type Waiter = { readonly grant: () => void };

const queues = new Map<string, Waiter[]>();

export function takeTurn(path: string): Turn {
  const queue = queues.get(path) ?? [];
  queues.set(path, queue);
  let grant = (): void => undefined;
  const granted = new Promise<void>((settle) => {
    grant = settle;
  });
  const waiter: Waiter = { grant };
  queue.push(waiter);
  const atOnce = queue.length === 1;
  if (atOnce) grant();
  return {
    granted,
    atOnce,
    leave() {
      const at = queue.indexOf(waiter);
      if (at < 0) return;
      queue.splice(at, 1);
      if (at === 0) queue[0]?.grant();
      if (queue.length === 0) queues.delete(path);
    },
  };
}

export const isTaken = (path: string): boolean => queues.has(path);
