/** A page of our own in WhatsApp Web's place, for the wppconnect engine. */
export async function openStandIn(): Promise<{ address: string; stop(): Promise<void>; kill(): void }> {
  throw new Error("not there yet");
}
