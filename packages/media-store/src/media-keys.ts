import type { StoredFile } from "@syszap/contracts";
import { type MediaMeta, MediaNotFoundError } from "./media-store.ts";
import { detectMimeType } from "./sniffed-type.ts";
import type { Spooled } from "./spool.ts";

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const companyPattern = new RegExp(`^${uuid}$`, "i");
const keyPattern = new RegExp(`^${uuid}/[0-9a-f]{2}/[0-9a-f]{64}$`, "i");
const longestFileName = 255;

/** Throws what a store answers for a file that it does not have: the key is none that a store gave out. */
export function assertMediaKey(storageKey: string): void {
  if (!keyPattern.test(storageKey)) throw new MediaNotFoundError();
}

/** Before anything of a file is read. */
export function assertCompany({ companyId }: MediaMeta): void {
  if (!companyPattern.test(companyId)) throw new TypeError("companyId is not a UUID");
}

/** The same for the same content of a company, in every store: `<company>/<first two of the hash>/<hash>`. */
const mediaKey = (companyId: string, sha256: string): string => `${companyId}/${sha256.slice(0, 2)}/${sha256}`;

/** What callers tell of a file comes from strangers: it is cut to what rows and jobs hold, and its type is what it really is. */
export async function describeFile(meta: MediaMeta, written: Omit<Spooled, "path">): Promise<StoredFile> {
  const { size, sha256, head } = written;
  const fileName = meta.fileName?.replaceAll("\u0000", "").slice(0, longestFileName).toWellFormed() || null;
  const mimeType = (await detectMimeType(head, meta.mimeType)).slice(0, 200);
  return { storageKey: mediaKey(meta.companyId, sha256), mimeType, fileName, size, sha256 };
}
