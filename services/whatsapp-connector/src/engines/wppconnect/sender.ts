import { type OutgoingText, SendError } from "../engine.ts";

interface SenderPage {
  isSynced(): boolean;
  send(text: { to: string; body: string; waKey: string }): Promise<"accepted" | "no_whatsapp">;
  ack(message: { chat: string; waKey: string }): Promise<number | null>;
}

const keysKept = 5_000;
/** The library's words for a number that can't be written to; its errors carry no code. */
const hopeless = /wid error|invalid wid|failed to find or create chat/i;

/** Sends under our own ids. An error or a timeout proves nothing, so WhatsApp is asked what became of the message. */
export class Sender {
  private readonly own = new Set<string>();

  constructor(private readonly page: SenderPage) {}

  /** Whether we sent it in this run, as opposed to someone on the phone. */
  isOwn(waKey: string): boolean {
    return this.own.has(waKey);
  }
  async send({ waKey, waChatId, body }: OutgoingText): Promise<void> {
    this.mustBeSynced();
    this.remember(waKey);
    const outcome = await this.page
      .send({ to: waChatId, body, waKey })
      .catch((err: unknown) => this.afterError(err, waChatId, waKey));
    if (outcome === "no_whatsapp") throw new SendError("there is no WhatsApp on this number", "permanent");
  }
  async find(waChatId: string, waKey: string): Promise<"absent" | "pending" | "accepted"> {
    this.mustBeSynced(); // before that a message that is there may not have been loaded
    const ack = await this.page.ack({ chat: waChatId, waKey });
    if (ack === null || ack < 0) return "absent";
    return ack === 0 ? "pending" : "accepted";
  }

  private async afterError(err: unknown, waChatId: string, waKey: string): Promise<"accepted" | "no_whatsapp"> {
    if (hopeless.test(String(err))) return "no_whatsapp";
    const known = await this.find(waChatId, waKey).catch(() => undefined);
    if (known === "accepted") return "accepted";
    throw new SendError(
      known === "pending" ? "WhatsApp has not acknowledged the message yet" : "WhatsApp Web did not send the message",
      "transient",
    );
  }
  private mustBeSynced(): void {
    if (!this.page.isSynced()) throw new SendError("the session is not connected", "transient");
  }
  private remember(waKey: string): void {
    this.own.add(waKey);
    const [oldest] = this.own;
    if (this.own.size > keysKept && oldest !== undefined) this.own.delete(oldest);
  }
}
