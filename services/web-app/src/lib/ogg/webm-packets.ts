/** The Opus stream of a recording. */
export interface OpusStream {
  /** The identification header (RFC 7845, section 5.1). */
  head: Uint8Array;
  packets: Uint8Array[];
}

/** Ids of WebM elements (RFC 9559). */
const codecPrivate = 0x63a2;
const simpleBlock = 0xa3;
const block = 0xa1;
/** Elements whose content consists of elements: segment, tracks, track, cluster, block group. */
const containers = new Set([0x18538067, 0x1654ae6b, 0xae, 0x1f43b675, 0xa0]);

/** Bytes of the time and the flags between a block's track number and its frame. */
const blockHeaderBytes = 3;
const lacingFlags = 0x06;

interface Vint {
  value: number;
  bytes: number;
}

/** Reads a number of variable length. In ids the bits of the length belong to the number. */
function vint(data: Uint8Array, at: number, isId: boolean): Vint {
  const first = data[at] ?? 0;
  const bytes = Math.clz32(first) - 23;
  if (bytes > 8) throw new Error("This is not a WebM file.");
  let value = isId ? first : first & (0xff >> bytes);
  for (let index = 1; index < bytes; index += 1) value = value * 256 + (data[at + index] ?? 0);
  return { value, bytes };
}

/** Reads the packets of a WebM recording with one Opus track, as browsers record it. Throws for any other file. */
export function readWebm(data: Uint8Array): OpusStream {
  let head: Uint8Array | undefined;
  const packets: Uint8Array[] = [];
  for (let at = 0; at < data.length; ) {
    const id = vint(data, at, true);
    const size = vint(data, at + id.bytes, false);
    at += id.bytes + size.bytes;
    if (containers.has(id.value)) continue;
    const content = data.subarray(at, at + size.value);
    if (content.length < size.value) break; // a recording that was cut off
    if (id.value === codecPrivate) head = content;
    if (id.value === simpleBlock || id.value === block) packets.push(frameOf(content));
    at += size.value;
  }
  if (!head || packets.length === 0) throw new Error("This WebM file has no Opus track.");
  return { head, packets };
}

function frameOf(content: Uint8Array): Uint8Array {
  const start = vint(content, 0, false).bytes + blockHeaderBytes;
  if (((content[start - 1] ?? 0) & lacingFlags) !== 0) throw new Error("Blocks with several frames are not supported.");
  return content.subarray(start);
}
