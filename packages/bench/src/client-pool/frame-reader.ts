const shortLength = 126;
const longLength = 127;

/** Opcodes of RFC 6455 that servers send. */
export const opcodes = { text: 1, close: 8, ping: 9 } as const;

export type OnFrame = (opcode: number, bytes: Buffer, from: number, to: number) => void;

/** Splits a server's byte stream into frames at minimal cost, because that cost is not part of the measurement. */
export class FrameReader {
  private rest: Buffer | undefined;

  constructor(private readonly onFrame: OnFrame) {}

  /** The caller may reuse `chunk` afterwards; an incomplete frame is copied. */
  read(chunk: Buffer): void {
    const bytes = this.rest ? Buffer.concat([this.rest, chunk]) : chunk;
    let at = 0;
    for (let next = endOfFrame(bytes, at); next !== undefined; next = endOfFrame(bytes, at)) {
      this.onFrame((bytes[at] ?? 0) & 0x0f, bytes, next.payloadAt, next.end);
      at = next.end;
    }
    this.rest = at < bytes.length ? Buffer.from(bytes.subarray(at)) : undefined;
  }
}

function endOfFrame(bytes: Buffer, at: number): { payloadAt: number; end: number } | undefined {
  if (bytes.length < at + 2) return undefined;
  let length = (bytes[at + 1] ?? 0) & 0x7f;
  let payloadAt = at + 2;
  if (length === shortLength) {
    if (bytes.length < at + 4) return undefined;
    length = bytes.readUInt16BE(at + 2);
    payloadAt = at + 4;
  } else if (length === longLength) {
    if (bytes.length < at + 10) return undefined;
    length = Number(bytes.readBigUInt64BE(at + 2));
    payloadAt = at + 10;
  }
  const end = payloadAt + length;
  return end <= bytes.length ? { payloadAt, end } : undefined;
}

/** Creates a client frame, masked with zeros. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
