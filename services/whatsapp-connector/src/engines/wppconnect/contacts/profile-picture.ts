const timeoutMs = 10_000;
const mostBytes = 5 * 1024 * 1024;

/** WhatsApp serves pictures from another host, which answers 403 or 404 once they are hidden or gone. */
export async function fetchPicture(url: string): Promise<Uint8Array | null> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (response.status === 403 || response.status === 404 || response.status === 410) return null;
  if (!response.ok || !response.body) throw new Error(`the picture's host answered ${response.status}`);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.length;
    if (size > mostBytes) throw new Error("the picture is too large");
    parts.push(part);
  }
  return Buffer.concat(parts);
}
