/** What the numbers were measured on: a number without its machine says nothing. */
import { execFileSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";

export type Machine = {
  readonly cores: number;
  readonly processor: string;
  readonly node: string;
  readonly git: string;
  readonly kernel: string;
  /** Of the folder that most rows work in, and of the one for durable writes. */
  readonly fileSystem: string;
  readonly disk: string;
};

export const lookAtMachine = (folder: string, disk: string): Machine => ({
  cores: cpus().length,
  processor: cpus()[0]?.model.trim() ?? "unknown",
  node: process.versions.node,
  git: execFileSync("git", ["--version"], { encoding: "utf8" }).replace("git version", "").trim(),
  kernel: `${process.platform} ${release()}`,
  fileSystem: fileSystemOf(folder),
  disk: fileSystemOf(disk),
});

/** Processes that want to run, as a mean over the last minute. */
export const load = (): number => Math.round((loadavg()[0] ?? 0) * 100) / 100;

const magic: Readonly<Record<number, string>> = {
  16914836: "tmpfs",
  61267: "ext4",
  2435016766: "btrfs",
  1481003842: "xfs",
  2035054128: "overlay",
  801189825: "zfs",
  26: "apfs",
};

function fileSystemOf(folder: string): string {
  const { type } = statfsSync(folder);
  return magic[type] ?? `type ${type.toString(16)}`;
}
