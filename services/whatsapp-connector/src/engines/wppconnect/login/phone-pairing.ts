import { PairingCode } from "@syszap/contracts";
import type { Logger } from "@syszap/platform";
import type { Page } from "puppeteer-core";
import { z } from "zod";
import type { EngineListener } from "../../contract/engine.ts";
import { withoutNumbers } from "../without-numbers.ts";

/** Validity of a pairing code: wa-js requests the next one after this time, at most five times. */
const codeMs = 195_000;

const PairingEvent = z.union([z.object({ code: z.string() }), z.object({ code: z.null(), why: z.string() })]);

interface PhonePairingDependencies {
  listener: EngineListener;
  log: Logger;
  /** Requests codes in the page. Rejects if there is no page. */
  request(phoneNumber: string): Promise<void>;
}

/**
 * Requests pairing codes for one phone number, in addition to QR codes. The library supports only one of the two, chosen at
 * its start, so the codes are requested from the page directly.
 */
export class PhonePairing {
  private phoneNumber: string | undefined;
  private isAttached = false;
  private attempt = 0;
  private lastCode: string | undefined;

  constructor(private readonly dependencies: PhonePairingDependencies) {}

  /** Call it once for each browser, before its page can emit a code. */
  async attach(page: Page): Promise<void> {
    await page.exposeFunction("syszapPairing", (event: unknown) => this.receive(event));
    this.isAttached = true;
    await this.resume();
  }

  async start(phoneNumber: string): Promise<void> {
    if (phoneNumber !== this.phoneNumber) this.attempt = 0;
    this.phoneNumber = phoneNumber;
    this.lastCode = undefined;
    await this.resume();
  }

  /** Repeats the request after the page was reloaded. */
  async resume(): Promise<void> {
    if (this.isAttached && this.phoneNumber !== undefined) await this.dependencies.request(this.phoneNumber);
  }

  /** Call it when the phone is linked. */
  stop(): void {
    this.phoneNumber = undefined;
    this.lastCode = undefined;
  }

  private receive(payload: unknown): void {
    const { listener, log } = this.dependencies;
    if (this.phoneNumber === undefined) return;
    const event = PairingEvent.safeParse(payload);
    const code = PairingCode.safeParse(event.data?.code?.replaceAll(/[^0-9a-z]/gi, "").toUpperCase());
    if (code.success && code.data === this.lastCode) return; // the page emits a code as a result and as an event
    if (!code.success) {
      const why = event.success && event.data.code === null ? withoutNumbers(event.data.why) : "not a code";
      log.warn({ why }, "WhatsApp issued no pairing code");
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
