import type { StoredFile } from "@syszap/contracts";
import { detectMimeType } from "./detect-mime-type.ts";
import { type MediaMeta, MediaNotFoundError } from "./media-store.ts";
import type { SpooledFile } from "./spool.ts";

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const companyPattern = new RegExp(`^${uuid}$`, "i");
const keyPattern = new RegExp(`^${uuid}/[0-9a-f]{2}/[0-9a-f]{64}$`, "i");
const maxFileNameLength = 255;

/** Throws `MediaNotFoundError` for a key that no store can have returned. */
export function assertMediaKey(storageKey: string): void {
  if (!keyPattern.test(storageKey)) throw new MediaNotFoundError();
}

/** Stores call this before they read any bytes of a file. */
export function assertCompany({ companyId }: Pick<MediaMeta, "companyId">): void {
  if (!companyPattern.test(companyId)) throw new TypeError("companyId is not a UUID");
}

/**
 * Storage key `<company>/<first two digits of the hash>/<hash>`: identical content of one company has the same key in every
 * store.
 */
const mediaKey = (companyId: string, sha256: string): string => `${companyId}/${sha256.slice(0, 2)}/${sha256}`;

/** Describes a stored file. The name is untrusted input and is shortened to what rows and jobs can hold; the type is detected. */
export async function describeFile(meta: MediaMeta, file: Omit<SpooledFile, "path">): Promise<StoredFile> {
  const { size, sha256, head } = file;
  const fileName = meta.fileName?.replaceAll("\u0000", "").slice(0, maxFileNameLength).toWellFormed() || null;
  const mimeType = (await detectMimeType(head, meta.mimeType)).slice(0, 200);
  return { storageKey: mediaKey(meta.companyId, sha256), mimeType, fileName, size, sha256 };
}
