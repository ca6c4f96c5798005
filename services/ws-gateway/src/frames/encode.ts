import type { ControlFrame } from "@syszap/contracts";

const textFrame = 0x81;

/** Puts a WebSocket text frame around a finished payload, once for all who get it: RFC 6455 masks only what clients send. */
export function encodeFrame(payload: Buffer): Buffer {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([textFrame, length]), payload]);
  const header = Buffer.allocUnsafe(length < 65_536 ? 4 : 10);
  header[0] = textFrame;
  if (length < 65_536) {
    header[1] = 126;
    header.writeUInt16BE(length, 2);
  } else {
    header[1] = 127;
    header.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([header, payload]);
}

export const encodeControl = (frame: ControlFrame): Buffer => encodeFrame(Buffer.from(JSON.stringify(frame)));
