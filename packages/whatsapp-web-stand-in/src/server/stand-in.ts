import type { WebSocket } from "ws";
import { LinkedPage, type QrTimes } from "../phone/linked-page.ts";
import { Phone } from "../phone/phone.ts";
import type { PhoneBehaviour } from "../phone/phone-behaviour.ts";
import type { FromPage } from "../protocol/protocol.ts";
import { PageServer, type ServedPage } from "./page-server.ts";

export type StandInOptions = Partial<PhoneBehaviour & QrTimes>;

const defaults: PhoneBehaviour & QrTimes = {
  firstQrMs: 60_000,
  qrMs: 20_000,
  qrCount: 5,
  linkCodeMs: 180_000,
  syncMs: 200,
  deliveredMs: 150,
  readMs: 400,
  reloadAfterPairingMs: null,
  unlinkedReloadMs: 300,
  passkey: null,
};

/**
 * Simulates web.whatsapp.com for browsers that are redirected to it, and the phones to which their pages are linked.
 */
export class StandIn {
  /** All phones, linked or not. */
  readonly phones: Phone[] = [];
  /** Number of QR codes at which a page checked whether the browser supports passkeys. */
  passkeyChecks = 0;
  private readonly pages = new Set<LinkedPage>();
  private server: PageServer | undefined;

  constructor(private readonly options: PhoneBehaviour & QrTimes) {}

  async listen(): Promise<void> {
    this.server = await PageServer.start({
      file: (path) => {
        for (const { account } of this.phones) {
          const found = account.files.serve(path);
          if (found) return found;
        }
        return undefined;
      },
      keep: (path, file) => this.phones.find(({ number }) => path === `/upload/${number}`)?.account.files.keep(file),
      picture: (path) => {
        const found = this.phones
          .map(({ account }) => account.pictures.get(path))
          .find((picture) => picture !== undefined);
        return found && { bytes: found.bytes, mimeType: "image/jpeg" };
      },
      connected: (socket) => this.connected(socket),
    });
  }

  /** `host:port`, the format of the connector's WHATSAPP_WEB_STAND_IN. */
  get address(): string {
    return `127.0.0.1:${this.server?.securePort}`;
  }

  /** Adds a phone. */
  phone(number: string, name: string, behaviour: Partial<PhoneBehaviour> = {}): Phone {
    const url = (path: string) => `http://127.0.0.1:${this.server?.plainPort}${path}`;
    const phone = new Phone(number, name, { ...this.options, ...behaviour }, url);
    this.phones.push(phone);
    return phone;
  }

  /** Scans a QR code with the phone. Throws if no page shows the code any longer, as WhatsApp rejects it. */
  scan(code: string, phone: Phone): void {
    const page = [...this.pages].find((candidate) => candidate.code === code);
    if (!page) throw new Error("This QR code is no longer valid.");
    phone.pair(page);
  }

  /** Enters a pairing code on the phone. Throws if it is not the latest code or was created for another number. */
  typeCode(code: string, phone: Phone): void {
    const matches = ({ linkCode }: LinkedPage) => linkCode?.code === code && linkCode.number === phone.number;
    const page = [...this.pages].find(matches);
    if (!page) throw new Error("This pairing code is not valid.");
    phone.pair(page);
  }

  /** Invalidates all pairing codes. */
  endLinkCodes(): void {
    for (const page of this.pages) page.endLinkCode();
  }

  /** The QR codes that pages show now. */
  get codes(): string[] {
    return [...this.pages].flatMap((page) => page.code ?? []);
  }

  /** Makes every page that waits for a scan show its next QR code. */
  rotateQrs(): void {
    for (const page of this.pages) page.rotateQr();
  }

  /** Sets the answer to future requests for the start page. */
  serve(page: ServedPage): void {
    if (this.server) this.server.serves = page;
  }

  /** Remote ports of all connections since the start, also of closed ones. */
  get remotePorts(): readonly number[] {
    return this.server?.remotePorts ?? [];
  }

  get isOnline(): boolean {
    return this.server?.isDown === false;
  }

  networkDown(): void {
    this.server?.down();
  }

  networkUp(): void {
    this.server?.up();
  }

  async close(): Promise<void> {
    await this.server?.close();
  }

  private connected(socket: WebSocket): void {
    const page = new LinkedPage(socket, this.options);
    this.pages.add(page);
    page.onClose(() => this.pages.delete(page));
    page.onFrame((frame) => this.handle(page, frame));
  }

  private handle(page: LinkedPage, frame: FromPage): void {
    if (frame.kind === "new_qr") {
      page.showQr();
      return;
    }
    if (frame.kind === "passkey_support") {
      this.passkeyChecks += 1;
      return;
    }
    if (frame.kind === "link_code") {
      const number = frame.wid.split("@")[0] ?? "";
      // Numbers that start with 000 do not use WhatsApp.
      const value = number.startsWith("000") ? null : page.makeLinkCode(number);
      page.send({ kind: "reply", requestId: frame.requestId, value });
      return;
    }
    if (frame.kind !== "hello") {
      this.phones.find((phone) => phone.isLinked(page.token ?? ""))?.handle(page, frame);
      return;
    }
    const { token } = frame;
    if (token === null) {
      page.showQr();
      return;
    }
    const phone = this.phones.find((candidate) => candidate.isLinked(token));
    if (phone) phone.welcome(page, token);
    else page.send({ kind: "unpaired" });
  }
}

/** Starts a stand-in for WhatsApp Web on a free loopback port. */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const standIn = new StandIn({ ...defaults, ...options });
  await standIn.listen();
  return standIn;
}
