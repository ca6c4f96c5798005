/** How much of a file's beginning tells its type. */
export const sniffedBytes = 4_096;

type Test = (head: Buffer) => boolean;
const starts = (bytes: readonly number[] | string, at = 0): Test => {
  const wanted = Buffer.from(bytes as string, "latin1");
  return (head) => head.subarray(at, at + wanted.length).equals(wanted);
};
const all =
  (...tests: Test[]): Test =>
  (head) =>
    tests.every((test) => test(head));
const riff = (kind: string) => all(starts("RIFF"), starts(kind, 8));
/** ISO base media (MP4 and its kin): the brand follows the first box's name. */
const brand = (...names: string[]): Test => {
  const isBrand = names.map((name) => starts(name, 8));
  return (head) => starts("ftyp", 4)(head) && isBrand.some((test) => test(head));
};
const contains =
  (text: string): Test =>
  (head) =>
    head.includes(text, 0, "latin1");
/** MPEG audio of layer II or III; layer I begins as a text in UTF-16 does. */
const isMpegAudio: Test = (head) => {
  const [sync = 0, second = 0, third = 0] = head;
  const layer = second & 0x06;
  const isFrame = sync === 0xff && (second & 0xe0) === 0xe0 && (second & 0x18) !== 0x08;
  return isFrame && (layer === 0x02 || layer === 0x04) && (third & 0xf0) !== 0xf0 && (third & 0x0c) !== 0x0c;
};
const isAdts: Test = (head) => head[0] === 0xff && ((head[1] ?? 0) & 0xf6) === 0xf0;

/** In this order: the more exact before the more general. */
const types: readonly [mimeType: string, test: Test][] = [
  ["image/png", starts([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ["image/jpeg", starts([0xff, 0xd8, 0xff])],
  ["image/gif", starts("GIF8")],
  ["image/webp", riff("WEBP")],
  ["image/bmp", all(starts("BM"), (head) => head.readUInt32LE(6) === 0)],
  ["image/avif", brand("avif", "avis")],
  ["image/heic", brand("heic", "heix", "mif1", "msf1")],
  ["audio/wav", riff("WAVE")],
  ["video/avi", riff("AVI ")],
  ["audio/ogg", all(starts("OggS"), (head) => !contains("theora")(head))],
  ["video/ogg", starts("OggS")],
  ["video/webm", all(starts([0x1a, 0x45, 0xdf, 0xa3]), contains("webm"))],
  ["video/x-matroska", starts([0x1a, 0x45, 0xdf, 0xa3])],
  ["audio/mp4", brand("M4A ", "M4B ")],
  ["video/3gpp", brand("3gp", "3g2")],
  ["video/quicktime", brand("qt  ")],
  ["video/mp4", starts("ftyp", 4)],
  ["audio/amr", starts("#!AMR")],
  ["audio/flac", starts("fLaC")],
  ["audio/mpeg", starts("ID3")],
  ["audio/aac", isAdts],
  ["audio/mpeg", isMpegAudio],
  ["application/pdf", starts("%PDF-")],
];
const shownByBrowsers = /^(image|audio|video)\//i;
const unknownType = "application/octet-stream";

/** The same containers carry films and sound alone; which of them it is stands deep inside. */
const eitherContainer = new Set(["video/mp4", "video/webm", "video/3gpp", "video/ogg"]);
const isSoundOf = (found: string, declared: string) => eitherContainer.has(found) && /^audio\//i.test(declared);

/**
 * The type by what the file is. Of a kind that tells nothing of itself (documents, archives, text) the declared one stays; but
 * nothing is called a picture, a sound or a film only because whoever sent it said so.
 */
export function typeOf(head: Buffer, declared: string): string {
  const found = head.length >= 12 ? types.find(([, test]) => test(head))?.[0] : undefined;
  if (found !== undefined) return isSoundOf(found, declared) ? found.replace("video/", "audio/") : found;
  return shownByBrowsers.test(declared) ? unknownType : declared;
}
