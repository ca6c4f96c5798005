import type { ControlFrame } from "@syszap/contracts";

const textFrame = 0x81;
const [shortHeader, middleHeader, longHeader] = [2, 4, 10];
const [shortest, middle] = [126, 65_536];

/** Puts a WebSocket text frame around each finished payload, in one buffer for all who get them: RFC 6455 masks only what clients send. */
export function joinFrames(payloads: readonly Buffer[]): Buffer {
  let length = 0;
  for (const payload of payloads) length += headerLength(payload.length) + payload.length;
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const payload of payloads) {
    at = writeHeader(bytes, at, payload.length);
    at += payload.copy(bytes, at);
  }
  return bytes;
}

/** The way back, for a socket that frames by itself. */
export function* payloadsOf(frames: Buffer): Generator<Buffer> {
  for (let at = 0; at < frames.length; ) {
    const mark = frames[at + 1] ?? 0;
    const length =
      mark < shortest ? mark : mark === 126 ? frames.readUInt16BE(at + 2) : Number(frames.readBigUInt64BE(at + 2));
    const from = at + headerLength(length);
    at = from + length;
    yield frames.subarray(from, at);
  }
}

export const encodeControl = (frame: ControlFrame): Buffer => joinFrames([Buffer.from(JSON.stringify(frame))]);

const headerLength = (length: number) =>
  length < shortest ? shortHeader : length < middle ? middleHeader : longHeader;

/** Answers where the payload begins. */
function writeHeader(bytes: Buffer, at: number, length: number): number {
  bytes[at] = textFrame;
  if (length < shortest) {
    bytes[at + 1] = length;
    return at + shortHeader;
  }
  if (length < middle) {
    bytes[at + 1] = 126;
    return bytes.writeUInt16BE(length, at + 2);
  }
  bytes[at + 1] = 127;
  return bytes.writeBigUInt64BE(BigInt(length), at + 2);
}
