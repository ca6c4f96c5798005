import { WhatsAppNumber } from "@syszap/contracts";
import { expect, test } from "vitest";
import { patienceMs } from "../test/support/recorded-events.ts";
import type { Bench } from "./bench.ts";

/** A fresh session becomes a connected one. */
export function linking(bench: () => Bench): void {
  test("a fresh session shows a code, and another one in its place", async () => {
    await bench().start();
    const { heard, side } = bench();
    const first = await heard.code();
    side.rotateCode();
    const second = await heard.code();
    expect([first.attempt, second.attempt]).toEqual([1, 2]);
    expect(second.raw).not.toBe(first.raw);
    for (const { raw, expiresAt } of [first, second]) {
      expect(raw).toMatch(/^2@[^,]+,[^,]+,[^,]+,[^,]+$/);
      expect(expiresAt.getTime()).toBeGreaterThan(Date.now());
    }
    expect(() => side.scan(first.raw)).toThrow(/valid/);
  });

  test("a phone number gets a code of eight signs, and another one in its place, beside the QR codes", async () => {
    const { engine, heard, side } = bench();
    await engine.pairByPhone(side.phoneNumber);
    const first = await heard.pairingCode();
    side.rotatePairingCode();
    const second = await heard.pairingCode();
    expect([first.attempt, second.attempt]).toEqual([1, 2]);
    expect(second.code).not.toBe(first.code);
    for (const { code, expiresAt } of [first, second]) {
      expect(code).toMatch(/^[0-9A-Z]{8}$/);
      expect(expiresAt.getTime()).toBeGreaterThan(Date.now());
    }
    const refused = /valid/;
    expect(() => side.typeCode(first.code, side.phoneNumber)).toThrow(refused);
    expect(() => side.typeCode(second.code, "5511911112222")).toThrow(refused);
    expect(() => side.typeCode("ABCD2345", side.phoneNumber)).toThrow(refused);
    side.rotateCode();
    await heard.code();
  });

  test("a number without WhatsApp gets no code, and that is told", async () => {
    const { engine, heard, side } = bench();
    await engine.pairByPhone(side.numberWithoutWhatsApp);
    await heard.refusals.next(() => true, patienceMs);
  });

  test("a scanned code links the phone: syncing, then connected with its number, each told once", async () => {
    const { heard, side } = bench();
    side.hold();
    side.scan(heard.codes.all.at(-1)?.raw ?? "");
    await heard.state("syncing");
    side.release();
    expect(WhatsAppNumber.safeParse((await heard.state("connected")).phoneNumber).success).toBe(true);
    const told = heard.states.all.map(({ detail }) => detail).filter((detail) => detail !== "starting");
    expect(told).toEqual(["qr", "syncing", "connected"]);
  });
}
