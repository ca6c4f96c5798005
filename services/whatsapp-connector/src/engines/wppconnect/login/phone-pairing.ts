import { PairingCode } from "@syszap/contracts";
import type { Logger } from "@syszap/platform";
import type { Page } from "puppeteer-core";
import { z } from "zod";
import type { EngineListener } from "../../contract/engine.ts";

/** wa-js asks WhatsApp for the next code after so long, five times at most. */
const codeMs = 195_000;

const Told = z.union([z.object({ code: z.string() }), z.object({ code: z.null(), why: z.string() })]);
/** Numbers of people stand in some of the errors. */
const withoutNumbers = (text: string): string => text.replace(/\d{6,}/g, "…");

/** Codes for one phone number, beside the QR codes. The library takes either at its start only, so the page is asked by us. */
export class PhonePairing {
  private phoneNumber: string | undefined;
  private isAttached = false;
  private attempt = 0;
  private lastCode: string | undefined;

  constructor(
    private readonly given: {
      listener: EngineListener;
      log: Logger;
      /** In the page; rejects when there is none. */
      ask(phoneNumber: string): Promise<void>;
    },
  ) {}

  /** Once for each browser, before its page may answer. */
  async attach(page: Page): Promise<void> {
    await page.exposeFunction("syszapPairing", (told: unknown) => this.hear(told));
    this.isAttached = true;
    await this.resume();
  }
  async start(phoneNumber: string): Promise<void> {
    if (phoneNumber !== this.phoneNumber) this.attempt = 0;
    this.phoneNumber = phoneNumber;
    this.lastCode = undefined;
    await this.resume();
  }
  /** A page that was loaded again has forgotten what it was asked. */
  async resume(): Promise<void> {
    if (this.isAttached && this.phoneNumber !== undefined) await this.given.ask(this.phoneNumber);
  }
  /** The phone is linked. */
  stop(): void {
    this.phoneNumber = undefined;
    this.lastCode = undefined;
  }

  private hear(told: unknown): void {
    const { listener, log } = this.given;
    if (this.phoneNumber === undefined) return;
    const answer = Told.safeParse(told);
    const code = PairingCode.safeParse(answer.data?.code?.replaceAll(/[^0-9a-z]/gi, "").toUpperCase());
    if (code.success && code.data === this.lastCode) return; // told by the call and by the event
    if (!code.success) {
      const why = answer.success && answer.data.code === null ? withoutNumbers(answer.data.why) : "not a code";
      log.warn({ why }, "WhatsApp gave no pairing code");
      this.stop();
      listener.pairingRefused();
      return;
    }
    this.lastCode = code.data;
    this.attempt += 1;
    log.info({ attempt: this.attempt }, "WhatsApp issued a pairing code");
    listener.pairingCode({ code: code.data, attempt: this.attempt, expiresAt: new Date(Date.now() + codeMs) });
  }
}
