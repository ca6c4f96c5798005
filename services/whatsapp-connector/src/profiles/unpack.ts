import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract as createExtract, type Header } from "tar-stream";
import { ArchiveRefusedError, ProfileTooLargeError } from "./errors.ts";

const maxEntries = 20_000;

/** Unpacks a tar into a new directory. Resolves when every file is on disk. Throws `ArchiveRefusedError`. */
export async function unpackInto(
  directory: string,
  source: AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<void> {
  await mkdir(directory, { mode: 0o700 });
  const extract = createExtract();
  const reading = pipeline(source, extract).catch((err: Error) => {
    extract.destroy(err);
    throw err;
  });
  const writing = writeEntries(directory, extract, limitBytes);
  const [read, written] = await Promise.allSettled([reading, writing.catch((err: Error) => stop(extract, err))]);
  // If both fail, the specific error is the cause; the other one only reports a premature end of the stream.
  const failures = [written, read].flatMap((it) => (it.status === "rejected" ? [it.reason as Error] : []));
  const cause = failures.find((it) => it instanceof ArchiveRefusedError || it instanceof ProfileTooLargeError);
  if (cause ?? failures[0]) throw cause ?? failures[0];
}

function stop(extract: ReturnType<typeof createExtract>, err: Error): never {
  extract.destroy(err);
  throw err;
}

async function writeEntries(
  directory: string,
  extract: ReturnType<typeof createExtract>,
  limitBytes: number,
): Promise<void> {
  let [entries, total] = [0, 0];
  for await (const entry of extract) {
    const { header } = entry;
    total += header.size ?? 0;
    entries += 1;
    if (total > limitBytes) throw new ProfileTooLargeError(limitBytes);
    if (entries > maxEntries) throw new ArchiveRefusedError("the archive has too many files");
    const path = join(directory, safeName(header));
    if (header.type === "directory") await mkdir(path, { recursive: true, mode: 0o700 });
    else await writeFileOf(path, entry as AsyncIterable<Uint8Array>);
    entry.resume();
  }
}

async function writeFileOf(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, "wx", 0o600);
  try {
    for await (const chunk of content) await file.writeFile(chunk);
    await file.sync(); // otherwise files could be empty after a power failure
  } finally {
    await file.close();
  }
}

/** Accepts only entries as `packDirectory` writes them: no links, and no paths outside the directory. */
function safeName({ name, type }: Header): string {
  const parts = name.replace(/\/$/, "").split("/");
  const isPlain = parts.every((part) => part !== "" && part !== "." && part !== ".." && !part.includes("\u0000"));
  if (isPlain && (type === "file" || type === "directory")) return parts.join("/");
  throw new ArchiveRefusedError("the archive contains an entry that is not a plain file or folder");
}
