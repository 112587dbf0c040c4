/** An approval, or a rejection, that is killed before any of its effects is done again and then holds, whoever killed it how often. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { approveNow, first, plan } from "../rig/bad-inputs.ts";
import { agents, files, initialise, key } from "../rig/calculator.ts";
import { openRig, type Rig } from "../rig/rig.ts";

let rig: Rig;
let putBack: () => void;
beforeAll(async () => {
  rig = openRig(files);
  await initialise(rig);
  const must = async (...args: string[]) => {
    const ran = await rig.okstra(args);
    expect(ran.code, `${args.join(" ")}\n${ran.stdout}${ran.stderr}`).toBe(0);
  };
  await must(...first()(rig));
  await must("answer", key, "C-001", "Yes.");
  await must(...plan(rig));
  putBack = rig.keep();
}, 60_000);
afterAll(async () => await rig[Symbol.asyncDispose]());

test("killed before each effect, and before the same one twice", { timeout: 180_000 }, async () => {
  const validate = async () => {
    const ran = await rig.okstra(["validate", "run", `${key}@implementation-planning#001`]);
    expect(ran.code, ran.stdout).toBe(0);
  };
  // As the report printed it before; an approved one prints it no more.
  const approve = approveNow(rig);
  let killed = 0;
  for (let stopBefore = 1; ; stopBefore += 1) {
    putBack();
    const ran = await rig.okstra(approve, { stopBefore });
    if (ran.signal !== "SIGKILL") {
      expect(ran.code, ran.stderr).toBe(0);
      break;
    }
    killed += 1;
    await rig.okstra(approve, { stopBefore });
    const again = await rig.okstra(approve);
    expect([stopBefore, again.code], again.stderr).toEqual([stopBefore, 0]);
    await validate();
  }
  expect(killed).toBeGreaterThan(4);
  // One that holds may be given again.
  expect((await rig.okstra(approve)).code).toBe(0);
  await validate();
  expect((await rig.okstra(["implement", key, "--stage", "1", "--dry-run", "--agents", agents(rig)])).code).toBe(0);
});

test("a rejection of an approved plan, killed before each effect", { timeout: 180_000 }, async () => {
  const run = `${key}@implementation-planning#001`;
  putBack();
  expect((await rig.okstra(approveNow(rig))).code).toBe(0);
  const toApproved = rig.keep();
  const reject = ["reject", key, "--reason", "keep the interface"];
  let killed = 0;
  for (let stopBefore = 1; ; stopBefore += 1) {
    toApproved();
    const ran = await rig.okstra(reject, { stopBefore });
    if (ran.signal !== "SIGKILL") {
      expect(ran.code, ran.stderr).toBe(0);
      break;
    }
    killed += 1;
    await rig.okstra(reject, { stopBefore });
    const again = await rig.okstra(reject);
    expect([stopBefore, again.code], again.stderr).toEqual([stopBefore, 0]);
    expect(again.stdout).toContain("C-002");
    expect((await rig.okstra(["report", key])).stdout).toContain("approved: false\nsent-back: true\n");
    const checked = await rig.okstra(["validate", "run", run]);
    expect([stopBefore, checked.code], checked.stdout).toEqual([stopBefore, 0]);
  }
  expect(killed).toBeGreaterThan(6);
});
