import { useEffect } from "react";

interface SharedUrl {
  url: string;
  users: number;
  timer?: ReturnType<typeof setTimeout> | undefined;
}

/** A list may show the same file again when the user scrolls back. */
const revokedAfterMs = 30_000;
const shared = new WeakMap<Blob, SharedUrl>();

/** An object URL of the blob, the same for all components that show it. It is revoked some time after the last of them is removed. */
export function useObjectUrl(blob: Blob | undefined): string | undefined {
  useEffect(() => {
    if (!blob) return;
    const entry = entryOf(blob);
    clearTimeout(entry.timer);
    entry.users += 1;
    return () => {
      entry.users -= 1;
      if (entry.users === 0) entry.timer = setTimeout(() => revoke(blob, entry), revokedAfterMs);
    };
  }, [blob]);
  // Created while rendering, so that a file that is known appears at once.
  return blob && entryOf(blob).url;
}

function entryOf(blob: Blob): SharedUrl {
  const entry = shared.get(blob) ?? { url: URL.createObjectURL(blob), users: 0 };
  shared.set(blob, entry);
  return entry;
}

function revoke(blob: Blob, { url }: SharedUrl): void {
  URL.revokeObjectURL(url);
  shared.delete(blob);
}
