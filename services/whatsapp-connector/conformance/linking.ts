import { WhatsAppNumber } from "@syszap/contracts";
import { expect, test } from "vitest";
import { deadlineMs } from "../test/support/recorded-events.ts";
import type { ConformanceSession } from "./conformance-session.ts";

/** Linking a new session. */
export function linking(session: () => ConformanceSession): void {
  test("a new session emits a QR code, and replaces it by the next one", async () => {
    await session().start();
    const { events, side } = session();
    const first = await events.code();
    side.rotateCode();
    const second = await events.code();
    expect([first.attempt, second.attempt]).toEqual([1, 2]);
    expect(second.raw).not.toBe(first.raw);
    for (const { raw, expiresAt } of [first, second]) {
      expect(raw).toMatch(/^2@[^,]+,[^,]+,[^,]+,[^,]+$/);
      expect(expiresAt.getTime()).toBeGreaterThan(Date.now());
    }
    expect(() => side.scan(first.raw)).toThrow(/valid/);
  });

  test("a phone number gets a pairing code of eight characters, which is replaced by the next one, in addition to QR codes", async () => {
    const { engine, events, side } = session();
    await engine.pairByPhone(side.phoneNumber);
    const first = await events.pairingCode();
    side.rotatePairingCode();
    const second = await events.pairingCode();
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
    await events.code();
  });

  test("a number without WhatsApp gets no pairing code, and the engine emits that", async () => {
    const { engine, events, side } = session();
    await engine.pairByPhone(side.numberWithoutWhatsApp);
    await events.refusals.next(() => true, deadlineMs);
  });

  test.each([
    ["use", "dismissed"],
    ["create", "timed_out"],
  ] as const)(
    "a demand to %s a passkey is action_required; no code follows after it was %s, until the engine is started again",
    async (demand, why) => {
      const { events, side } = session();
      side.demandPasskey(demand);
      side.scan(events.codes.all.at(-1)?.raw ?? "");
      expect((await events.state("action_required")).reason).toBe("passkey_required");
      const codes = events.codes.all.length;
      side.endPasskey(why);
      side.rotateCode();
      side.demandPasskey(null);
      await session().stop();
      expect(events.codes.all).toHaveLength(codes);
      expect(events.states.all.at(-1)?.detail).toBe("action_required");
      await session().start();
      expect((await session().events.code()).attempt).toBe(1);
    },
  );

  test("the phone is linked if WhatsApp no longer demands the passkey", async () => {
    const { events, side } = session();
    side.demandPasskey("use");
    side.scan(events.codes.all.at(-1)?.raw ?? "");
    await events.state("action_required");
    side.satisfyPasskey();
    side.demandPasskey(null);
    await events.state("connected");
    side.unlink();
    await events.state("logged_out");
    await session().stop();
    await session().start();
    await session().events.code();
  });

  test("a scanned code links the phone: syncing, then connected with its number, each emitted once", async () => {
    const { events, side } = session();
    side.hold();
    side.scan(events.codes.all.at(-1)?.raw ?? "");
    await events.state("syncing");
    side.release();
    expect(WhatsAppNumber.safeParse((await events.state("connected")).phoneNumber).success).toBe(true);
    const details = events.states.all.map(({ detail }) => detail).filter((detail) => detail !== "starting");
    expect(details).toEqual(["qr", "syncing", "connected"]);
  });
}
