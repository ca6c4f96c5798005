/**
 * Functions that download files in WhatsApp's page; the rules of `page/account.ts` apply. WhatsApp decrypts each file into a
 * blob, which the browser keeps outside the page's heap. The blob is held under a token and read in slices.
 */

interface HeldFile {
  state: "loading" | "ready" | "failed";
  blob: Blob | undefined;
  error: string;
  settled: Promise<void>;
}

interface MediaMessage {
  size?: unknown;
  filehash?: unknown;
  mediaData?: { mediaBlob?: unknown };
}

interface MediaPage {
  WPP: {
    chat: { getMessageById(id: string): Promise<MediaMessage>; downloadMedia(id: string): Promise<Blob> };
  };
  syszapFiles?: Map<string, HeldFile>;
  FileReader: new () => {
    result: string;
    error: unknown;
    onload: () => void;
    onerror: () => void;
    readAsDataURL(blob: Blob): void;
  };
}

/** What WhatsApp declares of a file. The download is not started if the size exceeds the limit. */
export interface DeclaredFile {
  isStarted: boolean;
  size: number | null;
  /** SHA-256 of the decrypted file, in base64. */
  hash: string | null;
}

export interface FileState {
  state: HeldFile["state"];
  size: number;
  error: string;
}

export async function beginFile(request: { message: string; token: string; limit: number }): Promise<DeclaredFile> {
  const page = globalThis as unknown as MediaPage;
  const known = await page.WPP.chat.getMessageById(request.message);
  const size = typeof known.size === "number" ? known.size : null;
  const hash = typeof known.filehash === "string" ? known.filehash : null;
  if (size !== null && size > request.limit) return { isStarted: false, size, hash };
  const held: HeldFile = { state: "loading", blob: undefined, error: "", settled: Promise.resolve() };
  held.settled = page.WPP.chat.downloadMedia(request.message).then(
    (blob) => {
      held.blob = blob;
      held.state = "ready";
    },
    (error: unknown) => {
      held.error = String(error);
      held.state = "failed";
    },
  );
  page.syszapFiles ??= new Map();
  page.syszapFiles.set(request.token, held);
  return { isStarted: true, size, hash };
}

/** Resolves when the download has ended, at the latest after `waitMs`. Null if the page was reloaded since the start. */
export async function awaitFile(request: { token: string; waitMs: number }): Promise<FileState | null> {
  const held = (globalThis as unknown as MediaPage).syszapFiles?.get(request.token);
  if (!held) return null;
  await Promise.race([held.settled, new Promise((resolve) => setTimeout(resolve, request.waitMs))]);
  return { state: held.state, size: held.blob?.size ?? 0, error: held.error };
}

/** Returns a slice in base64, since the protocol of the browser carries text only. Null if the page was reloaded. */
export async function readFile(request: { token: string; start: number; end: number }): Promise<string | null> {
  const page = globalThis as unknown as MediaPage;
  const blob = page.syszapFiles?.get(request.token)?.blob;
  if (!blob) return null;
  const reader = new page.FileReader();
  await new Promise<void>((resolve, reject) => {
    reader.onload = () => resolve();
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob.slice(request.start, request.end));
  });
  return reader.result.slice(reader.result.indexOf(",") + 1);
}

export function dropFile(token: string): void {
  (globalThis as unknown as MediaPage).syszapFiles?.delete(token);
}

/** Removes the file from WhatsApp's cache, so that it is downloaded again after a wrong hash. */
export async function forgetFile(message: string): Promise<void> {
  const { mediaData } = await (globalThis as unknown as MediaPage).WPP.chat.getMessageById(message);
  if (mediaData) mediaData.mediaBlob = null;
}
