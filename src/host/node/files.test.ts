import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Fault } from "../../model/index.ts";
import { writerOf } from "../index.ts";
import { fileFault, guarded } from "./errno.ts";
import { nodeFiles } from "./files.ts";
import { startTimeOf } from "./process-table.ts";

let folder = "";
const files = nodeFiles(tmpdir());
const at = (path: string): string => join(folder, path);
const leftovers = (): string[] =>
  fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".okstra-tmp"));

beforeAll(() => {
  folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "okstra-files-")));
});
afterAll(() => {
  const left = leftovers();
  fs.rmSync(folder, { recursive: true, force: true });
  expect(left).toEqual([]);
});

test("folderState: names, sizes and times tell a change; what is not there is nothing", async () => {
  const write = (path: string, text: string): void => {
    fs.mkdirSync(join(at(path), ".."), { recursive: true });
    fs.writeFileSync(at(path), text);
    fs.utimesSync(at(path), 1, 1);
  };
  write("linked/b/one.txt", "one");
  write("linked/a.txt", "a");
  const before = await files.folderState(at("linked"), Date.now() + 60_000);
  expect(before.changed).toEqual([]);
  expect((await files.folderState(at("linked"), 0)).changed).toEqual(["a.txt", "b/one.txt"]);
  expect(await files.folderState(at("linked"), Date.now() + 60_000)).toEqual(before);
  for (const change of [
    () => write("linked/b/one.txt", "longer"),
    () => fs.utimesSync(at("linked/a.txt"), 2, 2),
    () => fs.chmodSync(at("linked/a.txt"), 0o600),
    () => write("linked/new.txt", ""),
    () => fs.rmSync(at("linked/b"), { recursive: true }),
  ]) {
    const { sha256 } = await files.folderState(at("linked"), 0);
    change();
    expect((await files.folderState(at("linked"), 0)).sha256).not.toBe(sha256);
  }
  expect(await files.folderState(at("nothing"), 0)).toEqual(await files.folderState(at("nowhere"), 0));
});

describe("replaceFile", () => {
  test("makes folders, replaces the whole, sets the mode; durable too", async () => {
    await files.replaceFile(at("new/deep/a.txt"), "first and longer", { durable: true });
    await files.replaceFile(at("new/deep/a.txt"), "second", { mode: 0o600 });
    expect(await files.readText(at("new/deep/a.txt"))).toBe("second");
    expect((await files.look(at("new/deep/a.txt")))?.mode).toBe(0o600);
    await files.replaceFile(at("bytes"), new Uint8Array([0, 255, 10]));
    expect(await files.readBytes(at("bytes"))).toEqual(Buffer.from([0, 255, 10]));
  });

  test("while it is written, it bears the name of who writes it", async () => {
    const written = files.replaceFile(at("slow/a.b.json"), "new", { durable: true });
    const names = fs.readdirSync(at("slow"));
    await written;
    expect(names.map(writerOf)).toEqual([{ pid: process.pid, startTime: startTimeOf(process.pid) }]);
    expect(fs.readdirSync(at("slow")).map(writerOf)).toEqual([undefined]);
  });

  test("a reader that has the old file open keeps the old one", async () => {
    await files.replaceFile(at("held"), "old");
    const fd = fs.openSync(at("held"), "r");
    await files.replaceFile(at("held"), "new");
    expect(fs.readFileSync(fd, "utf8")).toBe("old");
    fs.closeSync(fd);
  });

  test("replaces a link itself, not what it points to", async () => {
    await files.replaceFile(at("target"), "target");
    await files.link(at("target"), at("pointer"));
    await files.replaceFile(at("pointer"), "file");
    expect(await files.readText(at("target"))).toBe("target");
    expect((await files.look(at("pointer")))?.kind).toBe("file");
  });

  test("a failure leaves no temporary file and the old content", async () => {
    fs.mkdirSync(at("folder-in-the-way/x"), { recursive: true });
    const thrown = files.replaceFile(at("folder-in-the-way"), "text");
    await expect(thrown).rejects.toMatchObject({ failure: { reason: "file-system" } });
    await expect(files.replaceFile(at("bytes/below-a-file"), "x")).rejects.toBeInstanceOf(Fault);
    expect(leftovers()).toEqual([]);
  });
});

test("createFile: the first wins, whole, and never again", async () => {
  const won = await Promise.all(Array.from({ length: 20 }, (_, index) => files.createFile(at("once/c"), `${index}`)));
  expect(won.filter(Boolean)).toHaveLength(1);
  expect(await files.readText(at("once/c"))).toBe(String(won.indexOf(true)));
  fs.symlinkSync("/nowhere", at("dangling"));
  expect(await files.createFile(at("dangling"), "x")).toBe(false);
  expect(await files.createFile(at("private"), "x", { mode: 0o600 })).toBe(true);
  expect((await files.look(at("private")))?.mode).toBe(0o600);
});

test("appendLine: one line each, folders made; a line break in it is a bug", async () => {
  await files.appendLine(at("log/j.jsonl"), "{}", { durable: true });
  await Promise.all(Array.from({ length: 50 }, (_, index) => files.appendLine(at("log/j.jsonl"), "x".repeat(index))));
  const lines = (await files.readText(at("log/j.jsonl")))?.split("\n") ?? [];
  expect(lines).toHaveLength(52);
  const bug = files.appendLine(at("log/j.jsonl"), "a\nb");
  await expect(bug).rejects.toThrow("line break");
  await expect(bug).rejects.not.toBeInstanceOf(Fault);
});

test.skipIf(!fs.existsSync("/dev/full"))("a full disk is a fault with a remedy", async () => {
  const thrown = files.appendLine("/dev/full", "x");
  await expect(thrown).rejects.toMatchObject({
    failure: {
      reason: "disk-full",
      message: "Cannot append to /dev/full: no space left",
      details: { path: "/dev/full" },
    },
  });
});

test("reading what is not there gives undefined or nothing, below a file too", async () => {
  for (const path of [at("none/x"), at("bytes/x")]) {
    expect(await files.readText(path)).toBeUndefined();
    expect(await files.readBytes(path)).toBeUndefined();
    expect(await files.readTail(path, 9)).toBeUndefined();
    expect(await files.look(path)).toBeUndefined();
    expect(await files.list(path)).toEqual([]);
    expect(await files.realPath(path)).toBeUndefined();
    expect(await files.readLink(path)).toBeUndefined();
    expect(await files.hash(path)).toBeUndefined();
    await files.removeFile(path);
    await files.removeTree(path);
  }
  expect(await files.removeEmptyFolder(at("none"))).toBe(false);
  await expect(files.readText(folder)).rejects.toMatchObject({ failure: { reason: "file-system" } });
  await expect(files.readText(at("a\0b"))).rejects.toMatchObject({ failure: { reason: "file-system" } });
});

test("what is no regular file is refused at once, not waited for", async () => {
  execFileSync("sh", ["-c", 'mkfifo "$0"', at("pipe")]);
  await files.link("/dev/zero", at("endless"));
  for (const path of [at("pipe"), at("endless"), folder]) {
    await expect(files.readText(path)).rejects.toMatchObject({ failure: { reason: "file-system" } });
    await expect(files.readTail(path, 5)).rejects.toMatchObject({ failure: { reason: "file-system" } });
    await expect(files.hash(path)).rejects.toMatchObject({ failure: { reason: "file-system" } });
  }
  fs.closeSync(fs.openSync(at("sparse"), "w"));
  fs.truncateSync(at("sparse"), 300 * 1024 * 1024);
  await expect(files.readText(at("sparse"))).rejects.toMatchObject({ failure: { reason: "file-system" } });
});

test("large files, tails and hashes", async () => {
  const text = "0123456789".repeat(100_000);
  await files.replaceFile(at("large"), text);
  expect(await files.readText(at("large"))).toBe(text);
  if (process.platform === "linux") expect(await files.readText("/proc/self/stat")).toMatch(/^\d+ \(/);
  expect(Buffer.from((await files.readTail(at("large"), 12)) ?? []).toString()).toBe("890123456789");
  expect((await files.readTail(at("private"), 12))?.length).toBe(1);
  expect(await files.hash(at("large"))).toBe(createHash("sha256").update(text).digest("hex"));
});

test("list: names in order, kinds without following links", async () => {
  fs.mkdirSync(at("l/sub"), { recursive: true });
  fs.writeFileSync(at("l/b"), "");
  fs.writeFileSync(at("l/B"), "");
  fs.symlinkSync("sub", at("l/z"));
  expect(await files.list(at("l"))).toEqual([
    { name: "B", kind: "file" },
    { name: "b", kind: "file" },
    { name: "sub", kind: "folder" },
    { name: "z", kind: "link" },
  ]);
  expect(await files.readLink(at("l/z"))).toBe("sub");
  expect(await files.realPath(at("l/z"))).toBe(at("l/sub"));
});

test("removeTree removes links, never what they point to, and folders that forbid it", async () => {
  await files.replaceFile(at("outside/keep"), "kept");
  await files.replaceFile(at("tree/sub/x"), "x");
  await files.link(at("outside"), at("tree/sub/link"));
  fs.chmodSync(at("tree/sub"), 0o500);
  await files.removeTree(at("tree"));
  expect(await files.look(at("tree"))).toBeUndefined();
  await files.link(at("outside"), at("link"));
  await files.removeTree(`${at("link")}/`);
  expect(await files.look(at("link"))).toBeUndefined();
  expect(await files.readText(at("outside/keep"))).toBe("kept");
});

test("makeFolder makes those above too, spares what is there, and gives up where none can be made", async () => {
  await files.makeFolder(at("made/for/me"), { mode: 0o700 });
  await files.makeFolder(at("made/for/me"));
  expect(await Promise.all(["made", "made/for/me"].map(async (path) => (await files.look(at(path)))?.mode))).toEqual([
    0o700, 0o700,
  ]);
  fs.writeFileSync(at("made/file"), "");
  for (const path of ["made/file", "made/file/below"])
    await expect(files.makeFolder(at(path)), path).rejects.toMatchObject({ failure: { reason: "file-system" } });
  // A file system that has folders and takes no others: Node's own way tries for ever.
  if (process.platform === "linux")
    await expect(files.makeFolder("/proc/none/below")).rejects.toMatchObject({ failure: { reason: "file-system" } });
});

test("removeEmptyFolder spares what is not empty", async () => {
  await files.replaceFile(at("full/x"), "x");
  expect(await files.removeEmptyFolder(at("full"))).toBe(false);
  await files.removeFile(at("full/x"));
  expect(await files.removeEmptyFolder(at("full"))).toBe(true);
});

test("copy keeps modes and links, and never merges into what is there", async () => {
  await files.replaceFile(at("from/run.sh"), "#!/bin/sh\n", { mode: 0o755 });
  await files.link("run.sh", at("from/alias"));
  await files.makeFolder(at("from/empty"));
  await files.copy(at("from"), at("to/copy"));
  expect((await files.list(at("to/copy"))).map((entry) => `${entry.name} ${entry.kind}`)).toEqual([
    "alias link",
    "empty folder",
    "run.sh file",
  ]);
  expect(await files.readLink(at("to/copy/alias"))).toBe("run.sh");
  expect((await files.look(at("to/copy/run.sh")))?.mode).toBe(0o755);
  await files.copy(at("from/run.sh"), at("to/single.sh"));
  expect((await files.look(at("to/single.sh")))?.mode).toBe(0o755);
  await expect(files.copy(at("from"), at("to/copy"))).rejects.toMatchObject({ failure: { reason: "file-system" } });
  await expect(files.copy(at("nothing"), at("to/nothing"))).rejects.toBeInstanceOf(Fault);
});

test("free space is told for what does not exist yet; temporary folders are private", async () => {
  expect(await files.freeBytes(at("not/yet/there"))).toBeGreaterThan(0);
  const made = await files.makeTemporaryFolder("okstra-files-test-");
  expect((await files.look(made))?.mode).toBe(0o700);
  await files.removeTree(made);
});

describe("what error codes mean", () => {
  const thrownWith = (code: string): unknown =>
    fileFault(Object.assign(new Error(`${code}: said so`), { code }), "write", "/x y");

  test.each([
    ["ENOSPC", "disk-full"],
    ["EDQUOT", "disk-full"],
    ["EACCES", "no-permission"],
    ["EPERM", "no-permission"],
    ["EROFS", "read-only"],
    ["EXDEV", "file-system"],
    ["EIO", "file-system"],
    ["EMFILE", "file-system"],
    ["ERR_FS_CP_EEXIST", "file-system"],
  ])("%s is %s", (code, reason) => {
    const thrown = thrownWith(code);
    expect(thrown).toBeInstanceOf(Fault);
    expect(thrown).toMatchObject({ failure: { reason, details: { path: "/x y", code } } });
    expect((thrown as Fault).failure.remedy).not.toBe("");
    expect((thrown as Fault).message).toContain("/x y");
  });

  test("bugs and faults pass as they are", async () => {
    const bug = new TypeError("bug");
    await expect(guarded("write", "/x", () => Promise.reject(bug))).rejects.toBe(bug);
    const fault = thrownWith("EIO");
    await expect(guarded("read", "/y", () => Promise.reject(fault))).rejects.toBe(fault);
  });
});
