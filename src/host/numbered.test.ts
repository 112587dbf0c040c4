import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeHost } from "./node/index.ts";
import { numbered } from "./numbered.ts";

test("effects are numbered in order, before they happen; looking is not counted", async () => {
  const folder = mkdtempSync(join(tmpdir(), "okstra-numbered-"));
  try {
    const seen: string[] = [];
    const real = nodeHost({ env: process.env, packageRoot: "/", lockKind: "link" });
    const host = numbered(real, { before: (n, kind, detail) => seen.push(`${n} ${kind} ${detail}`) });
    const file = join(folder, "a");
    await host.files.readText(file);
    await host.files.replaceFile(file, "x");
    const lock = { rank: "task", path: join(folder, "lock") } as const;
    await host.locks.hold(lock, "test", () => host.files.appendLine(file, "y"));
    await host.processes.run({ command: ["true"], cwd: folder, env: { PATH: process.env["PATH"] ?? "" } });
    await host.git.version();
    expect(host.locks.kind).toBe("link");
    expect(host.machine.bootId).toBe(real.machine.bootId);
    expect(seen).toEqual([
      `1 files.replaceFile ${file}`,
      `2 locks.hold ${lock.path}`,
      `3 files.appendLine ${file}`,
      "4 processes.run true",
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("what the trace throws keeps the effect from happening", async () => {
  const folder = mkdtempSync(join(tmpdir(), "okstra-numbered-"));
  try {
    const host = numbered(nodeHost({ env: process.env, packageRoot: "/" }), {
      before: () => {
        throw new Error("stopped");
      },
    });
    expect(() => host.files.replaceFile(join(folder, "a"), "x")).toThrow("stopped");
    expect(await host.files.list(folder)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
