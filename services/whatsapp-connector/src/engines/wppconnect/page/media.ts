/**
 * Files inside WhatsApp's page, by the rules of `page/account.ts`: WhatsApp fetches and decrypts each into a blob, which the
 * browser keeps outside the page's heap; we hold it under a token of ours and read it slice by slice.
 */

interface HeldFile {
  state: "coming" | "here" | "failed";
  blob: Blob | undefined;
  fault: string;
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

/** What WhatsApp declares of a file; nothing is fetched when that is over the limit. */
export interface DeclaredFile {
  isStarted: boolean;
  size: number | null;
  /** SHA-256 of the file as people see it, in base64. */
  hash: string | null;
}
export interface FileState {
  state: HeldFile["state"];
  size: number;
  fault: string;
}

export async function beginFile(asked: { message: string; token: string; limit: number }): Promise<DeclaredFile> {
  const page = globalThis as unknown as MediaPage;
  const known = await page.WPP.chat.getMessageById(asked.message);
  const size = typeof known.size === "number" ? known.size : null;
  const hash = typeof known.filehash === "string" ? known.filehash : null;
  if (size !== null && size > asked.limit) return { isStarted: false, size, hash };
  const held: HeldFile = { state: "coming", blob: undefined, fault: "", settled: Promise.resolve() };
  held.settled = page.WPP.chat.downloadMedia(asked.message).then(
    (blob) => {
      held.blob = blob;
      held.state = "here";
    },
    (error: unknown) => {
      held.fault = String(error);
      held.state = "failed";
    },
  );
  page.syszapFiles ??= new Map();
  page.syszapFiles.set(asked.token, held);
  return { isStarted: true, size, hash };
}

/** As soon as it is no longer coming, at the latest after `waitMs`. Null when the page was loaded again since. */
export async function awaitFile(asked: { token: string; waitMs: number }): Promise<FileState | null> {
  const held = (globalThis as unknown as MediaPage).syszapFiles?.get(asked.token);
  if (!held) return null;
  await Promise.race([held.settled, new Promise((resolve) => setTimeout(resolve, asked.waitMs))]);
  return { state: held.state, size: held.blob?.size ?? 0, fault: held.fault };
}

/** In base64: the protocol between us and the browser carries text only. Null when the page was loaded again since. */
export async function readFile(asked: { token: string; start: number; end: number }): Promise<string | null> {
  const page = globalThis as unknown as MediaPage;
  const blob = page.syszapFiles?.get(asked.token)?.blob;
  if (!blob) return null;
  const reader = new page.FileReader();
  await new Promise<void>((resolve, reject) => {
    reader.onload = () => resolve();
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob.slice(asked.start, asked.end));
  });
  return reader.result.slice(reader.result.indexOf(",") + 1);
}

export function dropFile(token: string): void {
  (globalThis as unknown as MediaPage).syszapFiles?.delete(token);
}

/** WhatsApp keeps what it fetched; a file that is not what was sent must be fetched again. */
export async function forgetFile(message: string): Promise<void> {
  const { mediaData } = await (globalThis as unknown as MediaPage).WPP.chat.getMessageById(message);
  if (mediaData) mediaData.mediaBlob = null;
}
