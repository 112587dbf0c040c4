import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testFolder } from "../../../test/folder.ts";
import { listeningPorts, portsIn } from "./ports.ts";

test("a port is listened at when a server has it, and not when only a connection has it", async () => {
  // Not "and no more when the server is closed": a port that is let go may be somebody else's in the next moment.
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect(portOf(server.address()), "127.0.0.1");
  await once(client, "connect");
  const listening = await listeningPorts();
  expect(listening.has(portOf(server.address()))).toBe(true);
  expect(listening.has(portOf(client.address()))).toBe(false);
  client.destroy();
  server.close();
  await once(server, "close");
});

function portOf(address: unknown): number {
  if (typeof address !== "object" || address === null || !("port" in address))
    throw new Error("no address with a port");
  return Number(address.port);
}

test("of the kernel's table only rows that listen count, in both families, and what comes after connections is not read", async () => {
  using folder = testFolder();
  const path = join(folder.folder, "tcp");
  const rows = [
    "  sl  local_address rem_address   st tx_queue rx_queue",
    "   0: 0100007F:4E20 00000000:0000 0A 00000000:00000000",
    "   1: 0100007F:4E20 0100007F:1F90 03 00000000:00000000",
    "   2: 00000000000000000000000001000000:4E22 00000000000000000000000000000000:0000 0A 00000000:00000000",
    "   3: 0100007F:4E21 0100007F:1F90 01 00000000:00000000",
    ...Array.from({ length: 200 }, () => "   4: 0100007F:4E23 0100007F:1F90 06 00000000:00000000"),
    "   5: 0100007F:4E24 00000000:0000 0A 00000000:00000000",
    "",
  ];
  writeFileSync(path, rows.join("\n"));
  for (const bytes of [7, 100, 1 << 12]) {
    expect(await portsIn(path, true, bytes)).toEqual([20_000, 20_002]);
    expect(await portsIn(path, false, bytes)).toEqual([20_000, 20_002, 20_004]);
  }
  expect(await portsIn(join(folder.folder, "tcp6"))).toEqual([]);
});
