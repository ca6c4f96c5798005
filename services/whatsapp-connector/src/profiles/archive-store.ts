import { createHash, randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { ProfileFile, ProfileStamp } from "@syszap/database";
import { MediaNotFoundError, MediaTooLargeError, type PrivateStore } from "@syszap/media-store";
import { createPrivateDirectory, type MasterKeys } from "@syszap/platform";
import { ArchiveRefusedError, ProfileTooLargeError } from "./errors.ts";
import { packDirectory } from "./pack.ts";
import type { ProfileOwner } from "./profile-keys.ts";
import { replaceDirectory, restoringPathOf } from "./replace-directory.ts";
import { seal, unseal } from "./seal.ts";
import { isOlder, writeStamp } from "./stamp.ts";
import { unpackInto } from "./unpack.ts";

/** The fastest level, since the end of a session waits for it. */
const compression = { level: 1 };

/** Stores sealed profiles in the private store. The caller decides who may write, and when. */
export class ArchiveStore {
  constructor(
    private readonly store: PrivateStore,
    private readonly keys: MasterKeys,
    private readonly limitBytes: number,
  ) {}

  /** Writes under a new storage key, so that the previous archive stays until the new one is recorded. */
  async save(directory: string, owner: ProfileOwner, stamp: ProfileStamp, signal: AbortSignal): Promise<ProfileFile> {
    const storageKey = `${folderOf(owner)}/${stamp.generation}-${stamp.sequence}-${randomBytes(6).toString("hex")}`;
    let written: { size: number; sha256: string } | undefined;
    await pipeline(
      packDirectory(directory, this.limitBytes),
      createGzip(compression),
      (packed: AsyncIterable<Uint8Array>) => seal(packed, this.keys, owner, stamp),
      async (sealed: AsyncIterable<Uint8Array>) => {
        written = await this.store.put(storageKey, sealed);
      },
      { signal },
    ).catch((err: unknown) => {
      throw err instanceof MediaTooLargeError ? new ProfileTooLargeError(err.limitBytes) : err;
    });
    if (!written) throw new Error("the archive was not stored");
    return { storageKey, ...written };
  }

  /** Replaces the directory atomically after the whole archive was verified. Throws `ArchiveRefusedError`. */
  async restore(directory: string, owner: ProfileOwner, archive: ProfileStamp & { file: ProfileFile }): Promise<void> {
    const restoring = restoringPathOf(directory);
    await createPrivateDirectory(dirname(directory));
    const { stream, size } = await this.store.open(archive.file.storageKey).catch((err: unknown) => {
      throw err instanceof MediaNotFoundError ? new ArchiveRefusedError("the archive is missing in the store") : err;
    });
    if (size !== archive.file.size) {
      stream.destroy();
      throw new ArchiveRefusedError("the archive was truncated or altered: its size differs from the record");
    }
    // The pipeline also destroys the stream of a refused archive, which is not read to its end.
    await pipeline(
      stream,
      (stored: AsyncIterable<Uint8Array>) => verified(stored, archive.file.sha256),
      (sealed: AsyncIterable<Uint8Array>) => unseal(sealed, this.keys, owner, archive),
      createGunzip(),
      (packed: AsyncIterable<Uint8Array>) => unpackInto(restoring, packed, this.limitBytes),
    );
    await writeStamp(restoring, archive);
    await replaceDirectory(directory);
  }

  async remove(storageKey: string): Promise<void> {
    await this.store.remove(storageKey);
  }

  removeOlder(owner: ProfileOwner, than: ProfileStamp): Promise<number> {
    return removeArchives(this.store, owner, than);
  }
}

/** Removes the archives that are older than the stamp, also those that a killed process stored without a record. */
export async function removeArchives(store: PrivateStore, owner: ProfileOwner, than: ProfileStamp): Promise<number> {
  const older = (await store.list(folderOf(owner))).filter((key) => isOlder(stampOf(key), than));
  for (const key of older) await store.remove(key);
  return older.length;
}

const folderOf = ({ companyId, sessionId }: ProfileOwner) => `profiles/${companyId}/${sessionId}`;

function stampOf(key: string): ProfileStamp {
  const [generation, sequence] = key.slice(key.lastIndexOf("/") + 1).split("-");
  return { generation: Number(generation), sequence: Number(sequence) };
}

async function* verified(stored: AsyncIterable<Uint8Array>, sha256: string): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const chunk of stored) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest("hex") !== sha256)
    throw new ArchiveRefusedError("the archive was altered: its hash differs from the record");
}
