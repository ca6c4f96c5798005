import type { WebSocket } from "ws";
import { LinkedPage, type QrTimes } from "./linked-page.ts";
import { PageServer, type ServedPage } from "./page-server.ts";
import { Phone } from "./phone.ts";
import type { PhoneBehaviour } from "./phone-behaviour.ts";
import type { FromPage } from "./protocol.ts";

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
};

/** Plays web.whatsapp.com for a browser that is sent here, and the phones that such pages are linked to. */
export class StandIn {
  /** Every phone that there is, linked or not. */
  readonly phones: Phone[] = [];
  private readonly pages = new Set<LinkedPage>();
  private server: PageServer | undefined;

  constructor(private readonly options: PhoneBehaviour & QrTimes) {}

  async listen(): Promise<void> {
    this.server = await PageServer.start({
      file: (path) => {
        for (const { book } of this.phones) {
          const found = book.files.serve(path);
          if (found) return found;
        }
        return undefined;
      },
      keep: (path, file) => this.phones.find(({ number }) => path === `/upload/${number}`)?.book.files.keep(file),
      picture: (path) => {
        const found = this.phones.map(({ book }) => book.pictures.get(path)).find((picture) => picture !== undefined);
        return found && { bytes: found.bytes, mimeType: "image/jpeg" };
      },
      connected: (socket) => this.connected(socket),
    });
  }
  /** `host:port`, as the engine wants it. */
  get address(): string {
    return `127.0.0.1:${this.server?.securePort}`;
  }
  phone(number: string, name: string, behaviour: Partial<PhoneBehaviour> = {}): Phone {
    const url = (path: string) => `http://127.0.0.1:${this.server?.plainPort}${path}`;
    const phone = new Phone(number, name, { ...this.options, ...behaviour }, url);
    this.phones.push(phone);
    return phone;
  }
  /** The owner of the phone holds it in front of a code. A code that is on no screen any more is refused, as by WhatsApp. */
  scan(code: string, phone: Phone): void {
    const page = [...this.pages].find((candidate) => candidate.code === code);
    if (!page) throw new Error("This QR code is not valid any more");
    phone.pair(page);
  }
  /** The owner types a code on the phone. Refused, as by WhatsApp, when it was made for another number, or is not the last one. */
  typeCode(code: string, phone: Phone): void {
    const isIt = ({ linkCode }: LinkedPage) => linkCode?.code === code && linkCode.number === phone.number;
    const page = [...this.pages].find(isIt);
    if (!page) throw new Error("This code is not valid, or not any more");
    phone.pair(page);
  }
  /** Every code that was made for a phone number ends now. */
  endLinkCodes(): void {
    for (const page of this.pages) page.endLinkCode();
  }
  /** What pages show at this moment, for whoever scans without a camera. */
  get codes(): string[] {
    return [...this.pages].flatMap((page) => page.code ?? []);
  }
  /** Every page that waits for a scan shows its next code now. */
  rotateQrs(): void {
    for (const page of this.pages) page.rotateQr();
  }
  /** What whoever opens WhatsApp Web gets from now on: it, a page that never becomes it, or no answer at all. */
  serve(what: ServedPage): void {
    if (this.server) this.server.serves = what;
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
    page.onFrame((frame) => this.take(page, frame));
  }
  private take(page: LinkedPage, frame: FromPage): void {
    if (frame.kind === "new_qr") {
      page.showQr();
      return;
    }
    if (frame.kind === "link_code") {
      const number = frame.wid.split("@")[0] ?? "";
      // Numbers that begin with 000 have no WhatsApp.
      const value = number.startsWith("000") ? null : page.makeLinkCode(number);
      page.tell({ kind: "reply", question: frame.question, value });
      return;
    }
    if (frame.kind !== "hello") {
      this.phones.find((phone) => phone.isLinked(page.token ?? ""))?.take(page, frame);
      return;
    }
    const { token } = frame;
    if (token === null) {
      page.showQr();
      return;
    }
    const phone = this.phones.find((candidate) => candidate.isLinked(token));
    if (phone) phone.welcome(page, token);
    else page.tell({ kind: "unpaired" });
  }
}

/** Starts on a free loopback port. */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const standIn = new StandIn({ ...defaults, ...options });
  await standIn.listen();
  return standIn;
}
