import { fileTypeFromBuffer } from "file-type/core";

/** Number of leading bytes from which the type of a file is detected. */
export const sniffedBytes = 4_096;

/** Media types taken from the content. A file of any other detected type keeps the declared type, or becomes a plain download. */
const detectable: ReadonlySet<string> = new Set([
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "image/bmp",
  "image/avif",
  "image/heic",
  "audio/wav",
  "audio/ogg",
  "audio/mp4",
  "audio/amr",
  "audio/flac",
  "audio/mpeg",
  "audio/aac",
  "video/avi",
  "video/ogg",
  "video/webm",
  "video/x-matroska",
  "video/3gpp",
  "video/quicktime",
  "video/mp4",
  "application/pdf",
]);

/** Names of `file-type` that differ from the names we store. */
const storedNames: ReadonlyMap<string, string> = new Map([
  ["image/apng", "image/png"],
  ["image/heif", "image/heic"],
  ["image/heic-sequence", "image/heic"],
  ["image/heif-sequence", "image/heic"],
  ["audio/x-m4a", "audio/mp4"],
  ["video/vnd.avi", "video/avi"],
  ["video/matroska", "video/x-matroska"],
  ["video/3gpp2", "video/3gpp"],
  ["video/x-m4v", "video/mp4"],
]);

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const startsWith = (head: Buffer, text: string) => head.subarray(0, text.length).toString("latin1") === text;

/** Container types that hold either video or sound alone. The tracks are listed beyond the sniffed bytes. */
const eitherContainer = new Set(["video/mp4", "video/webm", "video/3gpp", "video/ogg"]);
const declaresSound = (mimeType: string) => /^audio\//i.test(mimeType);
const declaresMedia = (mimeType: string) => /^(image|audio|video)\//i.test(mimeType);
const unknownType = "application/octet-stream";

/**
 * Returns the media type of a file by its content. A type without a signature of its own (documents, archives, text) stays as
 * declared, but a file is never called an image, audio or video by its declaration alone.
 */
export async function detectMimeType(head: Buffer, declared: string): Promise<string> {
  const detected = await detect(head);
  if (detected !== undefined)
    return eitherContainer.has(detected) && declaresSound(declared) ? detected.replace("video/", "audio/") : detected;
  return declaresMedia(declared) ? unknownType : declared;
}

async function detect(head: Buffer): Promise<string | undefined> {
  // `file-type` unpacks archives to look inside. An archive keeps its declared type anyway.
  if (startsWith(head, "PK")) return undefined;
  // `file-type` parses on after these signatures, and finds nothing when the file is damaged.
  if (head.subarray(0, pngSignature.length).equals(pngSignature)) return "image/png";
  if (startsWith(head, "ID3")) return "audio/mpeg";
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  if (!found || isText(head, found.ext)) return undefined;
  if (found.ext === "ogx") return head.includes("theora", 0, "latin1") ? "video/ogg" : "audio/ogg";
  const [essence = ""] = found.mime.split(";");
  const name = storedNames.get(essence) ?? essence;
  return detectable.has(name) ? name : undefined;
}

/** True for text that `file-type` takes for media, because it compares only two or three bytes. */
function isText(head: Buffer, extension: string): boolean {
  switch (extension) {
    case "gif":
      return !startsWith(head, "GIF8");
    case "bmp":
      return head.length < 10 || head.readUInt32LE(6) !== 0;
    case "mp1":
      return true; // MPEG layer I starts like the byte order mark of UTF-16.
    default:
      return false;
  }
}
