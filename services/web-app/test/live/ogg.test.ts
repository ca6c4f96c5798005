import { expect, test } from "vitest";
import { readWebm } from "../../src/lib/ogg/webm-packets.ts";
import { samplesOf, writeOgg } from "../../src/lib/ogg/write-ogg.ts";

const head = Uint8Array.from(
  [..."OpusHead"].map((letter) => letter.charCodeAt(0)).concat([1, 1, 0, 0, 128, 187, 0, 0, 0, 0, 0]),
);
/** An element with a size of one byte, or of unknown size. */
const element = (id: number[], content: number[], isUnknown = false) => [
  ...id,
  ...(isUnknown
    ? [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
    : [0x40 | (content.length >> 8), content.length & 0xff]),
  ...content,
];
const ids = {
  ebml: [0x1a, 0x45, 0xdf, 0xa3],
  segment: [0x18, 0x53, 0x80, 0x67],
  tracks: [0x16, 0x54, 0xae, 0x6b],
  track: [0xae],
  codecPrivate: [0x63, 0xa2],
  cluster: [0x1f, 0x43, 0xb6, 0x75],
  time: [0xe7],
  simpleBlock: [0xa3],
};
const blockOf = (packet: Uint8Array, flags = 0x80) => element(ids.simpleBlock, [0x81, 0, 0, flags, ...packet]);

/** A recording as Chromium writes it: segment and clusters have no size. */
function webmWith(blocks: number[][]): Uint8Array {
  const tracks = element(ids.tracks, element(ids.track, element(ids.codecPrivate, [...head])));
  const cluster = element(ids.cluster, [...element(ids.time, [0]), ...blocks.flat()], true);
  return Uint8Array.from([...element(ids.ebml, [1, 2, 3]), ...element(ids.segment, [...tracks, ...cluster], true)]);
}
/** 20 ms in one frame (configuration 15, code 0). */
const packet = (length: number) => Uint8Array.from({ length }, (_, index) => (index === 0 ? 15 << 3 : index % 251));

/** The checksum by its definition, bit by bit. */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes)
    for (let bit = 7; bit >= 0; bit -= 1) {
      const isSet = (sum >>> 31) ^ ((byte >> bit) & 1);
      sum = ((sum << 1) ^ (isSet ? 0x04c11db7 : 0)) >>> 0;
    }
  return sum;
}

interface Page {
  flags: number;
  samples: number;
  number: number;
  packets: Uint8Array[];
}

async function pagesOf(ogg: Blob): Promise<Page[]> {
  const bytes = new Uint8Array(await ogg.arrayBuffer());
  const view = new DataView(bytes.buffer);
  const pages: Page[] = [];
  for (let at = 0; at < bytes.length; ) {
    expect(new TextDecoder().decode(bytes.subarray(at, at + 4))).toBe("OggS");
    const segments = [...bytes.subarray(at + 27, at + 27 + (bytes[at + 26] ?? 0))];
    const end = at + 27 + segments.length + segments.reduce((sum, size) => sum + size, 0);
    const page = bytes.slice(at, end);
    const written = view.getUint32(at + 22, true);
    page.fill(0, 22, 26);
    expect(written).toBe(checksum(page));
    const packets: Uint8Array[] = [];
    let from = at + 27 + segments.length;
    let length = 0;
    for (const size of segments) {
      length += size;
      if (size === 255) continue;
      packets.push(bytes.slice(from, from + length));
      from += length;
      length = 0;
    }
    const [flags = 0, samples] = [bytes[at + 5], Number(view.getBigUint64(at + 6, true))];
    pages.push({ flags, samples, number: view.getUint32(at + 18, true), packets });
    at = end;
  }
  return pages;
}

test("a WebM recording becomes an Ogg file with the same packets", async () => {
  const packets = [packet(3), packet(255), packet(600), ...Array.from({ length: 60 }, () => packet(40))];
  const pages = await pagesOf(writeOgg(readWebm(webmWith(packets.map((each) => blockOf(each))))));
  expect(pages.map(({ number }) => number)).toEqual(pages.map((_, index) => index));
  expect(pages[0]).toMatchObject({ flags: 2, samples: 0, packets: [head] });
  expect(new TextDecoder().decode(pages[1]?.packets[0])).toBe("OpusTags\u0006\0\0\0sysZap\0\0\0\0");
  expect(pages.slice(2).flatMap((page) => page.packets)).toEqual(packets);
  expect(pages.at(-1)).toMatchObject({ flags: 4, samples: packets.length * 960 });
});

test("a recording that was cut off keeps its complete packets", () => {
  const whole = webmWith([blockOf(packet(50)), blockOf(packet(50))]);
  expect(readWebm(whole.subarray(0, whole.length - 10)).packets).toEqual([packet(50)]);
});

test.each([
  ["no WebM", Uint8Array.from([0, 1, 2, 3])],
  ["without packets", webmWith([])],
  ["with several frames in a block", webmWith([blockOf(packet(5), 0x82)])],
])("a file %s is refused", (_what, file) => {
  expect(() => readWebm(file)).toThrow();
});

test.each([
  [[0 << 3], 480],
  [[3 << 3], 2_880],
  [[(13 << 3) | 1], 1_920],
  [[16 << 3], 120],
  [[(31 << 3) | 3, 3], 2_880],
])("the packet that starts with %j lasts %i samples", (bytes, samples) => {
  expect(samplesOf(Uint8Array.from(bytes))).toBe(samples);
});
