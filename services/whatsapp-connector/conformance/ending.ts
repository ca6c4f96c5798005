import { expect, test } from "vitest";
import type { Bench } from "./bench.ts";

/** The link ends, by either hand. */
export function ending(bench: () => Bench): void {
  const linkAgain = async () => {
    await bench().start();
    const { raw, attempt } = await bench().heard.code();
    expect(attempt).toBe(1);
    bench().side.scan(raw);
    await bench().heard.state("connected");
  };

  test("a device that is taken off on the phone is logged out, and the next start shows a code", async () => {
    bench().side.unlink();
    expect((await bench().heard.state("logged_out")).reason).toBe("unlinked_on_phone");
    await bench().stop();
    await linkAgain();
  });

  test("a code that is typed on the phone links it", async () => {
    bench().side.unlink();
    await bench().heard.state("logged_out");
    await bench().stop();
    await bench().start();
    const { engine, heard, side } = bench();
    await heard.code();
    await engine.pairByPhone(side.phoneNumber);
    side.typeCode((await heard.pairingCode()).code, side.phoneNumber);
    expect(await heard.state("connected")).toMatchObject({ phoneNumber: side.phoneNumber });
  });

  test("logging out unlinks the phone, and the next start shows a code", async () => {
    await bench().engine.logOut();
    expect((await bench().heard.state("logged_out")).reason).toBe("logged_out");
    await bench().stop();
    await bench().start();
    await bench().heard.code();
    await bench().stop();
    expect(await bench().side.remains()).toEqual([]);
  });
}
