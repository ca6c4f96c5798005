import { randomBytes, randomInt } from "node:crypto";
import QRCode from "qrcode";
import type { WebSocket } from "ws";
import type { FromPage, QrMatrix, ToPage } from "../protocol/protocol.ts";

export interface QrTimes {
  firstQrMs: number;
  qrMs: number;
  /** Number of QR codes before the page waits for a click. */
  qrCount: number;
  /** Lifetime of a pairing code. */
  linkCodeMs: number;
}

/** Like WhatsApp, without characters that are easily confused. */
const alphabet = "123456789ABCDEFGHJKLMNPQRSTVWXYZ";

function matrixOf(text: string): QrMatrix {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: "L" });
  return { size: modules.size, cells: Array.from(modules.data, (dark) => (dark ? "1" : "0")).join("") };
}

/** Server side of one open page, which is linked to a phone or shows a QR code. */
export class LinkedPage {
  private rotation: NodeJS.Timeout | undefined;
  private shown = 0;
  /** The QR code that the page shows now. Earlier codes are invalid. */
  code: string | undefined;
  /** Current pairing code and the number of the phone that may enter it. */
  linkCode: { code: string; number: string } | undefined;
  private linkCodeEnd: NodeJS.Timeout | undefined;
  token: string | null = null;

  constructor(
    private readonly socket: WebSocket,
    private readonly times: QrTimes,
  ) {
    socket.on("error", () => socket.terminate());
    socket.on("close", () => this.stopQr());
  }

  onFrame(listener: (frame: FromPage) => void): void {
    this.socket.on("message", (data) => listener(JSON.parse(String(data)) as FromPage));
  }

  onClose(listener: () => void): void {
    this.socket.on("close", listener);
  }

  send(frame: ToPage): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  showQr(shown = 0): void {
    clearTimeout(this.rotation);
    this.shown = shown;
    if (shown >= this.times.qrCount) {
      this.code = undefined;
      this.send({ kind: "qr_idle" });
      return;
    }
    const key = () => randomBytes(32).toString("base64");
    const parts = {
      ref: `2@${randomBytes(48).toString("base64")}`,
      staticKey: key(),
      identityKey: key(),
      secret: key(),
    };
    this.code = [parts.ref, parts.staticKey, parts.identityKey, parts.secret].join(",");
    this.send({ kind: "qr", ...parts, fullCode: this.code, matrix: matrixOf(this.code) });
    this.rotation = setTimeout(() => this.showQr(shown + 1), shown === 0 ? this.times.firstQrMs : this.times.qrMs);
  }

  /** Shows the next QR code before the current one expires. */
  rotateQr(): void {
    if (this.code !== undefined) this.showQr(this.shown + 1);
  }

  stopQr(): void {
    clearTimeout(this.rotation);
    clearTimeout(this.linkCodeEnd);
    this.code = undefined;
    this.linkCode = undefined;
  }

  makeLinkCode(number: string): string {
    const code = Array.from({ length: 8 }, () => alphabet[randomInt(alphabet.length)]).join("");
    this.linkCode = { code, number };
    clearTimeout(this.linkCodeEnd);
    this.linkCodeEnd = setTimeout(() => this.endLinkCode(), this.times.linkCodeMs);
    return code;
  }

  /** Invalidates the pairing code; the page must request a new one. */
  endLinkCode(): void {
    if (!this.linkCode) return;
    this.linkCode = undefined;
    this.send({ kind: "link_code_expired" });
  }
}
