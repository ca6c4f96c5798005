import { randomBytes, randomInt } from "node:crypto";
import QRCode from "qrcode";
import type { WebSocket } from "ws";
import type { FromPage, QrMatrix, ToPage } from "./protocol.ts";

export interface QrTimes {
  firstQrMs: number;
  qrMs: number;
  /** After so many codes the page waits for a click. */
  qrCount: number;
  /** How long a code that is typed on the phone is worth something. */
  linkCodeMs: number;
}

/** WhatsApp leaves out what is easily taken for something else. */
const signs = "123456789ABCDEFGHJKLMNPQRSTVWXYZ";

function matrixOf(text: string): QrMatrix {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: "L" });
  return { size: modules.size, cells: Array.from(modules.data, (dark) => (dark ? "1" : "0")).join("") };
}

/** One open page of a browser, linked to a phone or showing a QR code. */
export class LinkedPage {
  private rotation: NodeJS.Timeout | undefined;
  private shown = 0;
  /** The code on the screen right now; older ones are worth nothing. */
  code: string | undefined;
  /** Made for the phone with this number, on which it has to be typed. */
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
  onFrame(take: (frame: FromPage) => void): void {
    this.socket.on("message", (data) => take(JSON.parse(String(data)) as FromPage));
  }
  onClose(closed: () => void): void {
    this.socket.on("close", closed);
  }
  tell(frame: ToPage): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(frame));
  }
  showQr(shown = 0): void {
    clearTimeout(this.rotation);
    this.shown = shown;
    if (shown >= this.times.qrCount) {
      this.code = undefined;
      this.tell({ kind: "qr_idle" });
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
    this.tell({ kind: "qr", ...parts, fullCode: this.code, matrix: matrixOf(this.code) });
    this.rotation = setTimeout(() => this.showQr(shown + 1), shown === 0 ? this.times.firstQrMs : this.times.qrMs);
  }
  /** The next code, before its time. */
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
    const code = Array.from({ length: 8 }, () => signs[randomInt(signs.length)]).join("");
    this.linkCode = { code, number };
    clearTimeout(this.linkCodeEnd);
    this.linkCodeEnd = setTimeout(() => this.endLinkCode(), this.times.linkCodeMs);
    return code;
  }
  /** Whoever still wants one has to ask again. */
  endLinkCode(): void {
    if (!this.linkCode) return;
    this.linkCode = undefined;
    this.tell({ kind: "link_code_over" });
  }
}
