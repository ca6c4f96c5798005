import { resolve } from "node:path";
import { assertCompany, assertMediaKey, describeFile } from "../media-keys.ts";
import { assertRange, defaultLimitBytes, type MediaStore } from "../media-store.ts";
import { assertPrivateKey, type PrivateStore, privateFolder } from "../private-store.ts";
import { withSpooledFile } from "../spool.ts";
import { Bucket, type S3Settings } from "./bucket.ts";

/**
 * Stores files in a bucket by their storage keys. A file is first written to `spoolDirectory`, because its key contains its
 * hash.
 */
export function createS3Store(
  settings: S3Settings,
  spoolDirectory: string,
  options: { limitBytes?: number } = {},
): MediaStore {
  const bucket = new Bucket(settings);
  const limitBytes = options.limitBytes ?? defaultLimitBytes;
  return {
    async put(bytes, meta) {
      assertCompany(meta);
      return withSpooledFile(resolve(spoolDirectory), bytes, { limitBytes, mode: 0o600 }, async (file) => {
        const stored = await describeFile(meta, file);
        await bucket.put(stored.storageKey, file);
        return stored;
      });
    },
    async open(storageKey, range) {
      assertRange(range);
      assertMediaKey(storageKey);
      return bucket.open(storageKey, range);
    },
    async remove(storageKey, writtenBefore) {
      assertMediaKey(storageKey);
      if (writtenBefore && ((await bucket.writtenAt(storageKey)) ?? new Date(0)) >= writtenBefore) return;
      await bucket.remove(storageKey);
    },
    async removeOfCompany(companyId, limit) {
      assertCompany({ companyId });
      return bucket.removeBelow(companyId, limit);
    },
  };
}

/** Stores files under `private/` in the bucket, which must not be public. */
export function createS3PrivateStore(
  settings: S3Settings,
  spoolDirectory: string,
  options: { limitBytes: number },
): PrivateStore {
  const bucket = new Bucket(settings);
  const objectKeyOf = (key: string) => {
    assertPrivateKey(key);
    return `${privateFolder}/${key}`;
  };
  return {
    async put(key, bytes) {
      const target = objectKeyOf(key);
      const { limitBytes } = options;
      return withSpooledFile(resolve(spoolDirectory), bytes, { limitBytes, mode: 0o600 }, async (file) => {
        await bucket.put(target, file);
        return { size: file.size, sha256: file.sha256 };
      });
    },
    async open(key, range) {
      assertRange(range);
      return bucket.open(objectKeyOf(key), range);
    },
    async remove(key) {
      await bucket.remove(objectKeyOf(key));
    },
    async removeBelow(folder, limit) {
      return bucket.removeBelow(objectKeyOf(folder), limit);
    },
    async list(folder) {
      return (await bucket.list(objectKeyOf(folder))).map((key) => key.slice(privateFolder.length + 1));
    },
  };
}
