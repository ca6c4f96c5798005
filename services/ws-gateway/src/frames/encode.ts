import type { ControlFrame } from "@syszap/contracts";

const textFrame = 0x81;
/** Header sizes in bytes, by the form in which the payload length is encoded (RFC 6455, section 5.2). */
const shortHeader = 2;
const mediumHeader = 4;
const longHeader = 10;
/** Payload lengths from which the medium and the long form are needed, and the marks that announce these forms. */
const mediumFrom = 126;
const longFrom = 65_536;
const mediumMark = 126;
const longMark = 127;

/**
 * Encodes each payload as a WebSocket text frame and concatenates the frames. The buffer can be sent to any number of clients,
 * because servers do not mask frames (RFC 6455).
 */
export function joinFrames(payloads: readonly Buffer[]): Buffer {
  let length = 0;
  for (const payload of payloads) length += headerLength(payload.length) + payload.length;
  const bytes = Buffer.allocUnsafe(length);
  let offset = 0;
  for (const payload of payloads) {
    offset = writeHeader(bytes, offset, payload.length);
    offset += payload.copy(bytes, offset);
  }
  return bytes;
}

/** Splits frames into their payloads, for a socket that must frame them itself. */
export function* payloadsOf(frames: Buffer): Generator<Buffer> {
  for (let offset = 0; offset < frames.length; ) {
    const length = readLength(frames, offset);
    const start = offset + headerLength(length);
    offset = start + length;
    yield frames.subarray(start, offset);
  }
}

export const encodeControl = (frame: ControlFrame): Buffer => joinFrames([Buffer.from(JSON.stringify(frame))]);

function readLength(frames: Buffer, offset: number): number {
  const mark = frames[offset + 1] ?? 0;
  if (mark === mediumMark) return frames.readUInt16BE(offset + 2);
  if (mark === longMark) return Number(frames.readBigUInt64BE(offset + 2));
  return mark;
}

function headerLength(payloadLength: number): number {
  if (payloadLength < mediumFrom) return shortHeader;
  return payloadLength < longFrom ? mediumHeader : longHeader;
}

/** Returns the offset of the payload. */
function writeHeader(bytes: Buffer, offset: number, length: number): number {
  bytes[offset] = textFrame;
  if (length < mediumFrom) {
    bytes[offset + 1] = length;
    return offset + shortHeader;
  }
  if (length < longFrom) {
    bytes[offset + 1] = mediumMark;
    return bytes.writeUInt16BE(length, offset + 2);
  }
  bytes[offset + 1] = longMark;
  return bytes.writeBigUInt64BE(BigInt(length), offset + 2);
}
