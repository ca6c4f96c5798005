import { expect, test } from "vitest";
import { typeOf } from "../src/sniffed-type.ts";

const padded = (...parts: (string | number[])[]) =>
  Buffer.concat([...parts.map((part) => Buffer.from(part as string, "latin1")), Buffer.alloc(64)]);
const unknown = "application/octet-stream";

test.each([
  ["image/png", padded([0x89], "PNG\r\n", [0x1a, 0x0a])],
  ["image/jpeg", padded([0xff, 0xd8, 0xff, 0xe0])],
  ["image/gif", padded("GIF89a")],
  ["image/webp", padded("RIFF\x10\0\0\0WEBPVP8 ")],
  ["image/avif", padded([0, 0, 0, 0x1c], "ftypavif")],
  ["image/heic", padded([0, 0, 0, 0x1c], "ftypheic")],
  ["audio/wav", padded("RIFF\x10\0\0\0WAVEfmt ")],
  ["audio/ogg", padded("OggS", Array(24).fill(0), "OpusHead")],
  ["video/ogg", padded("OggS", Array(24).fill(0), "\x80theora")],
  ["video/webm", padded([0x1a, 0x45, 0xdf, 0xa3], "\x9fB\x86\x81\x01B\x82\x84webm")],
  ["video/mp4", padded([0, 0, 0, 0x20], "ftypisom")],
  ["video/3gpp", padded([0, 0, 0, 0x18], "ftyp3gp5")],
  ["audio/mp4", padded([0, 0, 0, 0x18], "ftypM4A ")],
  ["audio/mpeg", padded("ID3\x04")],
  ["audio/mpeg", padded([0xff, 0xfb, 0x90, 0x64])],
  ["audio/aac", padded([0xff, 0xf1, 0x50, 0x80])],
  ["audio/amr", padded("#!AMR\n")],
  ["application/pdf", padded("%PDF-1.7")],
])("%s is known by its content, whatever it is called", (type, head) => {
  for (const declared of ["text/html", "image/svg+xml", "application/x-msdownload"])
    expect(typeOf(head, declared)).toBe(type);
});

test.each([
  ["image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
  ["image/png", "<!doctype html><script>alert(1)</script>"],
  ["video/mp4", "MZ\x90\0 this program cannot be run in DOS mode"],
  ["audio/mpeg", "\xff\xfea\0 \0t\0e\0x\0t\0 \0i\0n\0 \0U\0T\0F\0-\x001\x006\0"],
  ["image/png", ""],
])("a file that is called %s and is none is called nothing", (declared, content) => {
  expect(typeOf(Buffer.from(content, "latin1"), declared)).toBe(unknown);
});

test("what tells no type of its own keeps the one that it was given", () => {
  const zip = padded("PK\x03\x04");
  const word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
  expect(typeOf(zip, word)).toBe(word);
  expect(typeOf(Buffer.from("nome;valor\nana;1\n"), "text/csv")).toBe("text/csv");
});

test("a container that carries both is a sound where its sender says so", () => {
  const mp4 = padded([0, 0, 0, 0x20], "ftypisom");
  expect(typeOf(mp4, "audio/mp4")).toBe("audio/mp4");
  expect(typeOf(mp4, "video/mp4")).toBe("video/mp4");
});
