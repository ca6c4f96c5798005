import type { OpusStream } from "./webm-packets.ts";

const samplesPerMs = 48;
/** Packets of 20 ms: a page per second. */
const packetsPerPage = 50;
/** Any number: the file has one stream. */
const serialNumber = 1;
const pageFlags = { first: 2, last: 4 };

/** Writes an Opus stream as an Ogg file (RFC 3533, RFC 7845). */
export function writeOgg({ head, packets }: OpusStream): Blob {
  const pages = [pageOf([head], { number: 0, samples: 0, flags: pageFlags.first })];
  pages.push(pageOf([tags], { number: 1, samples: 0, flags: 0 }));
  let samples = 0;
  for (let from = 0; from < packets.length; from += packetsPerPage) {
    const group = packets.slice(from, from + packetsPerPage);
    for (const packet of group) samples += samplesOf(packet);
    const flags = from + packetsPerPage >= packets.length ? pageFlags.last : 0;
    pages.push(pageOf(group, { number: pages.length, samples, flags }));
  }
  return new Blob(pages, { type: "audio/ogg" });
}

const text = (value: string) => new TextEncoder().encode(value);

/** The comment header: the program, and no comments. */
const tags = (() => {
  const vendor = text("sysZap");
  const header = new Uint8Array(16 + vendor.length);
  header.set(text("OpusTags"));
  header[8] = vendor.length;
  header.set(vendor, 12);
  return header;
})();

/** Durations in milliseconds of the frames of a packet, by the number of its configuration (RFC 6716, section 3.1). */
const silkMs = [10, 20, 40, 60];
const hybridMs = [10, 20];
const celtMs = [2.5, 5, 10, 20];

export function samplesOf(packet: Uint8Array): number {
  const first = packet[0] ?? 0;
  const configuration = first >> 3;
  const durations = configuration < 12 ? silkMs : configuration < 16 ? hybridMs : celtMs;
  const frameMs = durations[configuration % durations.length] ?? 20;
  const code = first & 3;
  const frames = code === 3 ? (packet[1] ?? 0) & 0x3f : Math.min(code + 1, 2);
  return frames * frameMs * samplesPerMs;
}

interface PageOptions {
  number: number;
  /** Samples until the end of the page. */
  samples: number;
  flags: number;
}

function pageOf(packets: readonly Uint8Array[], { number, samples, flags }: PageOptions): Uint8Array<ArrayBuffer> {
  // A packet is a run of segments of 255 bytes, and a shorter one that ends it.
  const segments = packets.flatMap(({ length }) => [...Array(Math.floor(length / 255)).fill(255), length % 255]);
  if (segments.length > 255) throw new Error("The packets of a second are too large for a page.");
  const headerBytes = 27 + segments.length;
  const page = new Uint8Array(headerBytes + packets.reduce((sum, { length }) => sum + length, 0));
  const view = new DataView(page.buffer);
  page.set(text("OggS"));
  page[5] = flags;
  view.setBigUint64(6, BigInt(samples), true);
  view.setUint32(14, serialNumber, true);
  view.setUint32(18, number, true);
  page[26] = segments.length;
  page.set(segments, 27);
  let at = headerBytes;
  for (const packet of packets) {
    page.set(packet, at);
    at += packet.length;
  }
  view.setUint32(22, checksum(page), true);
  return page;
}

const polynomial = 0x04c11db7;
const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value < 0 ? (value << 1) ^ polynomial : value << 1;
  return value;
});

function checksum(page: Uint8Array): number {
  let sum = 0;
  for (const byte of page) sum = (sum << 8) ^ (table[((sum >>> 24) ^ byte) & 0xff] ?? 0);
  return sum >>> 0;
}
