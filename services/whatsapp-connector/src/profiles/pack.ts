import { type FileHandle, lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pack as createPack, type Pack } from "tar-stream";
import { ProfileTooLargeError } from "./errors.ts";
import { isExcluded } from "./excluded-files.ts";

/** Packs the plain files and folders of a directory as a tar, without excluded files. Throws `ProfileTooLargeError`. */
export async function* packDirectory(directory: string, limitBytes: number): AsyncGenerator<Uint8Array> {
  const pack = createPack();
  const filling = fill(pack, { directory, limitBytes }).then(
    () => pack.finalize(),
    (err: Error) => pack.destroy(err),
  );
  try {
    for await (const chunk of pack) yield chunk as Uint8Array;
  } finally {
    pack.destroy();
    await filling;
  }
}

async function fill(pack: Pack, from: { directory: string; limitBytes: number }): Promise<void> {
  let total = 0;
  for await (const { name, isFolder } of walk(from.directory, "")) {
    if (isFolder) {
      await addEmpty(pack, { name, type: "directory", mode: 0o700 });
      continue;
    }
    const file = await open(join(from.directory, name), "r").catch(ignoreMissing);
    if (!file) continue;
    try {
      total += await addFile(pack, name, { file, limitBytes: from.limitBytes - total });
    } catch (err) {
      throw err instanceof ProfileTooLargeError ? new ProfileTooLargeError(from.limitBytes) : err;
    } finally {
      await file.close();
    }
  }
}

/** Writes exactly the size of the entry's header, also if the file grows meanwhile. */
async function addFile(pack: Pack, name: string, from: { file: FileHandle; limitBytes: number }): Promise<number> {
  const { size } = await from.file.stat();
  if (size > from.limitBytes) throw new ProfileTooLargeError(from.limitBytes);
  if (size === 0) {
    await addEmpty(pack, { name, type: "file", mode: 0o600 });
    return 0;
  }
  const entry = pack.entry({ name, size, type: "file", mode: 0o600 });
  await pipeline(from.file.createReadStream({ start: 0, end: size - 1, autoClose: false }), entry);
  return size;
}

function addEmpty(pack: Pack, header: { name: string; type: "directory" | "file"; mode: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    pack.entry({ ...header, size: 0 }, (err) => (err ? reject(err) : resolve())).end(null);
  });
}

/** Yields a folder before its content. Skips links, sockets and pipes. */
async function* walk(root: string, folder: string): AsyncGenerator<{ name: string; isFolder: boolean }> {
  for (const entry of (await readdir(join(root, folder))).sort()) {
    if (isExcluded(entry)) continue;
    const name = folder === "" ? entry : `${folder}/${entry}`;
    const info = await lstat(join(root, name)).catch(ignoreMissing);
    if (info?.isFile()) yield { name, isFolder: false };
    if (!info?.isDirectory()) continue;
    yield { name, isFolder: true };
    yield* walk(root, name);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
