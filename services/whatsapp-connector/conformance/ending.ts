import { expect, test } from "vitest";
import type { ConformanceSession } from "./conformance-session.ts";

/** Unlinking on the phone and logging out. */
export function ending(session: () => ConformanceSession): void {
  const linkAgain = async () => {
    await session().start();
    const { raw, attempt } = await session().events.code();
    expect(attempt).toBe(1);
    session().side.scan(raw);
    await session().events.state("connected");
  };

  test("emits logged_out when the phone unlinks the device, and shows a code at the next start", async () => {
    session().side.unlink();
    expect((await session().events.state("logged_out")).reason).toBe("unlinked_on_phone");
    await session().stop();
    await linkAgain();
  });

  test("links the phone by a pairing code", async () => {
    session().side.unlink();
    await session().events.state("logged_out");
    await session().stop();
    await session().start();
    const { engine, events, side } = session();
    await events.code();
    await engine.pairByPhone(side.phoneNumber);
    side.typeCode((await events.pairingCode()).code, side.phoneNumber);
    expect(await events.state("connected")).toMatchObject({ phoneNumber: side.phoneNumber });
  });

  test("unlinks the phone at logout, and shows a code at the next start", async () => {
    await session().engine.logOut();
    expect((await session().events.state("logged_out")).reason).toBe("logged_out");
    await session().stop();
    await session().start();
    await session().events.code();
    await session().stop();
    expect(await session().side.remains()).toEqual([]);
  });
}
