import { randomBytes } from "node:crypto";
import QRCode from "qrcode";
import type { WebSocket } from "ws";
import type { FromPage, QrMatrix, ToPage } from "./protocol.ts";

export interface QrTimes {
  firstQrMs: number;
  qrMs: number;
  /** After so many codes the page waits for a click. */
  qrCount: number;
}

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
    this.code = undefined;
  }
}
