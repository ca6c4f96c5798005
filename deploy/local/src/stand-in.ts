import { startStandIn } from "@syszap/testing/whatsapp-web-stand-in";

const lookEveryMs = 250;
const firstNumber = 5_511_980_000_000;

/** A page of our own in WhatsApp Web's place, for the wppconnect engine. Each code that it shows is scanned by a new phone after some seconds. */
export async function openStandIn(
  scanAfterSeconds: number,
): Promise<{ address: string; stop(): Promise<void>; kill(): void }> {
  const standIn = await startStandIn();
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
    await standIn.close();
  };
  return { address: standIn.address, stop, kill: () => clearInterval(timer) };
}
