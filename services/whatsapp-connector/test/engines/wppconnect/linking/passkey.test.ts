import { describe, expect } from "vitest";
import { ana, shop, test } from "../../../support/wppconnect/wppconnect.ts";

describe("a passkey that WhatsApp demands while a device is linked", { timeout: 300_000 }, () => {
  test.for([
    { demand: "use", at: "once" },
    { demand: "create", at: "once" },
    { demand: "use", at: "click" },
    { demand: "create", at: "click" },
  ] as const)(
    "$demand, requested at $at: passkey_required, and codes that follow are not shown",
    async (passkey, { fixture }) => {
      const phone = fixture.standIn.phone(shop, "Loja", { passkey });
      const requested = phone.next("passkey_requested");
      await fixture.start();
      const { events, standIn } = fixture;
      standIn.scan((await events.code()).raw, phone);
      expect(await events.state("action_required")).toMatchObject({ reason: "passkey_required" });
      if (passkey.at === "once") await requested;
      phone.endPasskey("dismissed");
      await expect.poll(() => standIn.codes.length, { timeout: 60_000 }).toBe(1);
      phone.demandPasskey(null);
      // A code that somebody scanned in spite of that would still link the phone.
      standIn.scan(standIn.codes[0] ?? "", phone);
      await events.state("connected");
      expect(events.codes.all).toHaveLength(1);
      const details = events.states.all.map(({ detail }) => detail);
      expect(details.slice(details.indexOf("action_required"))).not.toContain("qr");
    },
  );

  test("a typed pairing code leads to it as well", async ({ fixture }) => {
    const phone = fixture.standIn.phone(shop, "Loja", { passkey: { demand: "use", at: "once" } });
    const engine = await fixture.start();
    await fixture.events.code();
    await engine.pairByPhone(shop);
    fixture.standIn.typeCode((await fixture.events.pairingCode()).code, phone);
    expect(await fixture.events.state("action_required")).toMatchObject({ reason: "passkey_required" });
  });

  test("a page that checks for passkeys, or is linked already, raises no alarm", async ({ fixture }) => {
    const phone = fixture.standIn.phone(shop, "Loja");
    await fixture.start();
    const { events, standIn } = fixture;
    const { raw } = await events.code();
    await expect.poll(() => standIn.passkeyChecks, { timeout: 60_000 }).toBeGreaterThan(0);
    standIn.scan(raw, phone);
    await events.state("connected");
    const requested = phone.next("passkey_requested");
    phone.offerPasskey();
    await requested;
    phone.receive({ from: ana, body: "depois da oferta" });
    await events.message("depois da oferta");
    expect(events.states.all.filter(({ detail }) => detail === "action_required")).toEqual([]);
  });
});
