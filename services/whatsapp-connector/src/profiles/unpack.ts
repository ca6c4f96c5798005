import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract as createExtract, type Header } from "tar-stream";
import { ArchiveRefusedError, ProfileTooLargeError } from "./errors.ts";

const mostEntries = 20_000;

/** Into a directory that does not exist yet; every file is on disk once it resolves. Throws `ArchiveRefusedError`. */
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
  // Of two failures that one is the cause which knows more than that a stream ended early.
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
    if (entries > mostEntries) throw new ArchiveRefusedError("the archive has too many files");
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
    await file.sync(); // the renamed directory must not be one of empty files after a power cut
  } finally {
    await file.close();
  }
}

/** Only what `packDirectory` writes: no links, and no way out of the directory. */
function safeName({ name, type }: Header): string {
  const parts = name.replace(/\/$/, "").split("/");
  const isPlain = parts.every((part) => part !== "" && part !== "." && part !== ".." && !part.includes("\u0000"));
  if (isPlain && (type === "file" || type === "directory")) return parts.join("/");
  throw new ArchiveRefusedError("the archive holds something other than plain files");
}
