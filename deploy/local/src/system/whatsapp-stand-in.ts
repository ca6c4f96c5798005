import { startPhonePage, startStandIn } from "@syszap/whatsapp-web-stand-in";

const pollIntervalMs = 250;
const firstNumber = 5_511_980_000_000;

export interface LocalStandIn {
  address: string;
  /** Web page on which a person operates the phone. */
  phonePageUrl: string;
  stop(): Promise<void>;
  kill(): void;
}

/**
 * Starts the stand-in for WhatsApp Web and its phone page. A person scans QR codes on the phone page; if `scanAfterSeconds` is
 * not 0, a new phone scans each code after that time. Messages are marked as read only through the phone page.
 */
export async function startLocalStandIn(scanAfterSeconds: number): Promise<LocalStandIn> {
  const standIn = await startStandIn({ readMs: null });
  const phonePage = await startPhonePage(standIn);
  const firstSeen = new Map<string, number>();
  let phones = 0;
  const scanDueCodes = () => {
    for (const code of standIn.codes) {
      const since = firstSeen.get(code) ?? Date.now();
      firstSeen.set(code, since);
      if (scanAfterSeconds === 0 || Date.now() - since < scanAfterSeconds * 1_000) continue;
      standIn.scan(code, standIn.phone(String(firstNumber + phones), `Loja ${++phones}`));
    }
    for (const code of firstSeen.keys()) if (!standIn.codes.includes(code)) firstSeen.delete(code);
  };
  const timer = setInterval(scanDueCodes, pollIntervalMs);
  const stop = async () => {
    clearInterval(timer);
    await phonePage.close();
    await standIn.close();
  };
  return { address: standIn.address, phonePageUrl: phonePage.url, stop, kill: () => clearInterval(timer) };
}
