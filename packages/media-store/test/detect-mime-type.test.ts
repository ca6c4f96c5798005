import { expect, test } from "vitest";
import { detectMimeType } from "../src/detect-mime-type.ts";

const padded = (...parts: (string | number[])[]) =>
  Buffer.concat([...parts.map((part) => Buffer.from(part as string, "latin1")), Buffer.alloc(64)]);
const unknown = "application/octet-stream";

test.each([
  ["image/png", padded([0x89], "PNG\r\n", [0x1a, 0x0a])],
  ["image/jpeg", padded([0xff, 0xd8, 0xff, 0xe0])],
  ["image/gif", padded("GIF89a")],
  ["image/webp", padded("RIFF\x10\0\0\0WEBPVP8 ")],
  ["image/bmp", padded("BM\x10\0\0\0\0\0\0\0")],
  ["image/avif", padded([0, 0, 0, 0x1c], "ftypavif")],
  ["image/heic", padded([0, 0, 0, 0x1c], "ftypheic")],
  ["image/heic", padded([0, 0, 0, 0x1c], "ftypmif1")],
  ["audio/wav", padded("RIFF\x10\0\0\0WAVEfmt ")],
  ["audio/ogg", padded("OggS", Array(24).fill(0), "OpusHead")],
  ["video/ogg", padded("OggS", Array(24).fill(0), "\x80theora")],
  ["video/avi", padded("RIFF\x10\0\0\0AVI LIST")],
  ["video/webm", padded([0x1a, 0x45, 0xdf, 0xa3], "\x9fB\x86\x81\x01B\x82\x84webm")],
  ["video/x-matroska", padded([0x1a, 0x45, 0xdf, 0xa3], "\xa3B\x86\x81\x01B\x82\x88matroska")],
  ["video/mp4", padded([0, 0, 0, 0x20], "ftypisom")],
  ["video/mp4", padded([0, 0, 0, 0x20], "ftypM4V ")],
  ["video/quicktime", padded([0, 0, 0, 0x14], "ftypqt  ")],
  ["video/3gpp", padded([0, 0, 0, 0x18], "ftyp3gp5")],
  ["video/3gpp", padded([0, 0, 0, 0x18], "ftyp3g2a")],
  ["audio/mp4", padded([0, 0, 0, 0x18], "ftypM4A ")],
  ["audio/mpeg", padded("ID3\x04")],
  ["audio/mpeg", padded([0xff, 0xfb, 0x90, 0x64])],
  ["audio/aac", padded([0xff, 0xf1, 0x50, 0x80])],
  ["audio/amr", padded("#!AMR\n")],
  ["audio/flac", padded("fLaC")],
  ["application/pdf", padded("%PDF-1.7")],
])("detects %s by its content, regardless of the declared type", async (type, head) => {
  for (const declared of ["text/html", "image/svg+xml", "application/x-msdownload"])
    expect(await detectMimeType(head, declared)).toBe(type);
});

test.each([
  ["image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
  ["image/svg+xml", '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
  ["image/png", "<!doctype html><script>alert(1)</script>"],
  ["video/mp4", "MZ\x90\0 this program cannot be run in DOS mode"],
  ["image/tiff", "II*\0 a type that browsers do not show"],
  ["image/png", ""],
])("stores a file that is declared as %s and is not one as application/octet-stream", async (declared, content) => {
  expect(await detectMimeType(Buffer.from(content, "latin1"), declared)).toBe(unknown);
});

test("keeps the declared type of a file whose content has no signature of its own", async () => {
  const word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
  expect(await detectMimeType(padded("PK\x03\x04"), word)).toBe(word);
  expect(await detectMimeType(Buffer.from("nome;valor\nana;1\n"), "text/csv")).toBe("text/csv");
  expect(await detectMimeType(Buffer.from('<?xml version="1.0"?><nota/>'), "text/plain")).toBe("text/plain");
});

test.each([
  ["GIF", "GIFT;valor\nvale-presente;50\n"],
  ["BMP", "BMW;placa\npreto;ABC1D23\n"],
  ["MPEG layer I", "\xff\xfea\0 \0t\0e\0x\0t\0 \0i\0n\0 \0U\0T\0F\0-\x001\x006\0"],
])("does not take text that starts like %s for media", async (_format, content) => {
  const text = Buffer.from(content, "latin1");
  expect(await detectMimeType(text, "text/csv")).toBe("text/csv");
  expect(await detectMimeType(text, "audio/mpeg")).toBe(unknown);
});

test("detects a damaged PNG or MP3 by its signature", async () => {
  const oversizedChunk = padded([0x89], "PNG\r\n", [0x1a, 0x0a], [0xff, 0xff, 0xff, 0xff], "tEXt");
  expect(await detectMimeType(oversizedChunk, "text/plain")).toBe("image/png");
  expect(await detectMimeType(padded("ID3\x04\0\0\0\0\0\x0a"), "text/plain")).toBe("audio/mpeg");
});

test("detects Ogg whose first stream is neither sound nor video", async () => {
  const skeleton = ["OggS", Array(24).fill(0), "fishead\0"];
  expect(await detectMimeType(padded(...skeleton), "text/plain")).toBe("audio/ogg");
  expect(await detectMimeType(padded(...skeleton, "\x80theora"), "text/plain")).toBe("video/ogg");
});

test("stores a container that may hold either as audio when it is declared as audio", async () => {
  const mp4 = padded([0, 0, 0, 0x20], "ftypisom");
  expect(await detectMimeType(mp4, "audio/mp4")).toBe("audio/mp4");
  expect(await detectMimeType(mp4, "video/mp4")).toBe("video/mp4");
});
