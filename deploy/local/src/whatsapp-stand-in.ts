import { startPhonePage, startStandIn } from "@syszap/testing/whatsapp-web-stand-in";

const lookEveryMs = 250;
const firstNumber = 5_511_980_000_000;

export interface OpenStandIn {
  address: string;
  /** Where a person is the phone. */
  phonePageUrl: string;
  stop(): Promise<void>;
  kill(): void;
}

/**
 * A page of our own in WhatsApp Web's place, for the wppconnect engine. Codes are scanned by a person on the phone page,
 * or after some seconds by a new phone; 0: never. The other side reads on order.
 */
export async function openStandIn(scanAfterSeconds: number): Promise<OpenStandIn> {
  const standIn = await startStandIn({ readMs: null });
  const phonePage = await startPhonePage(standIn);
  const firstSeen = new Map<string, number>();
  let phones = 0;
  const look = () => {
    for (const code of standIn.codes) {
      const since = firstSeen.get(code) ?? Date.now();
      firstSeen.set(code, since);
      if (scanAfterSeconds === 0 || Date.now() - since < scanAfterSeconds * 1_000) continue;
      standIn.scan(code, standIn.phone(String(firstNumber + phones), `Loja ${++phones}`));
    }
    for (const code of firstSeen.keys()) if (!standIn.codes.includes(code)) firstSeen.delete(code);
  };
  const timer = setInterval(look, lookEveryMs);
  const stop = async () => {
    clearInterval(timer);
    await phonePage.close();
    await standIn.close();
  };
  return { address: standIn.address, phonePageUrl: phonePage.url, stop, kill: () => clearInterval(timer) };
}
