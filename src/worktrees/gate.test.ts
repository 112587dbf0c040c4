import { expect, test } from "vitest";
import { gate } from "./gate.ts";

test("at most so many run at once, a failure frees its place, and all get their turn in order", async () => {
  const twoAtATime = gate(2);
  let running = 0;
  let most = 0;
  const order: number[] = [];
  const results = await Promise.allSettled(
    Array.from({ length: 9 }, (_, number) =>
      twoAtATime(async () => {
        running += 1;
        most = Math.max(most, running);
        order.push(number);
        for (let turn = 0; turn < 3; turn += 1) await Promise.resolve();
        running -= 1;
        if (number % 2 === 0) throw new Error(String(number));
        return number;
      }),
    ),
  );
  expect(most).toBe(2);
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(results.filter((one) => one.status === "fulfilled")).toHaveLength(4);
});
