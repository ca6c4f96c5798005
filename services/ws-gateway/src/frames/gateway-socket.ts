import { closeCodes } from "@syszap/contracts";
import { WebSocket } from "ws";

const tooBig = 1009;
const notUtf8 = 1007;
const tooManyPieces = 1008;

/** `ws` closes by itself when a frame breaks its limits; this says why in our own words and codes. */
export class GatewaySocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    if (code === tooBig) this.closeSaying("too_large", "A frame may have 16 KiB at most", closeCodes.tooLarge);
    else if (code === notUtf8) this.closeSaying("malformed", "A frame must be UTF-8 text", closeCodes.malformed);
    else if (code === tooManyPieces) this.closeSaying("malformed", "A frame has too many pieces", closeCodes.malformed);
    else super.close(code, reason);
  }

  private closeSaying(error: string, message: string, code: number): void {
    if (this.readyState === WebSocket.OPEN)
      this.send(JSON.stringify({ type: "error", data: { code: error, message } }));
    super.close(code, error);
  }
}
