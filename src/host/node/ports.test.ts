import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { listeningPorts, parseProcNet } from "./ports.ts";

test("a port is listened at from when a server has it to when it is closed", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  expect(listeningPorts().has(port)).toBe(true);
  server.close();
  await once(server, "close");
  expect(listeningPorts().has(port)).toBe(false);
});

test("of the kernel's table only rows that listen count, in both families", () => {
  const rows = [
    "  sl  local_address rem_address   st tx_queue rx_queue",
    "   0: 0100007F:4E20 00000000:0000 0A 00000000:00000000",
    "   1: 0100007F:4E21 0100007F:1F90 01 00000000:00000000",
    "   2: 00000000000000000000000001000000:4E22 00000000000000000000000000000000:0000 0A 00000000:00000000",
  ];
  expect(parseProcNet(rows.join("\n"))).toEqual([20_000, 20_002]);
});
