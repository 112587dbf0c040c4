import { expect, test } from "vitest";
import { temporaryFileName, writerOf } from "./temporary.ts";

const writer = { pid: 12, startTime: "345" };

test("the writer is read back from the name, whatever the file is called", () => {
  for (const name of ["a.json", ".hidden", "no ending", "1.2.3", "x".repeat(300)])
    expect(writerOf(temporaryFileName(name, writer, "ab1"))).toEqual(writer);
  expect(temporaryFileName("x".repeat(300), writer, "ab1").length).toBeLessThan(256);
});

test("other files have none", () => {
  for (const name of ["a.json", ".a.okstra-tmp", ".a.b.c.d.okstra-tmp", "a.12.345.ab.okstra-tmp", ".a.12.345.ab.tmp"])
    expect(writerOf(name)).toBeUndefined();
});
