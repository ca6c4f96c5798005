const timeoutMs = 10_000;
const maxBytes = 5 * 1024 * 1024;

/** Downloads a profile picture. Returns null if it is hidden or gone; WhatsApp's picture host then answers 403, 404 or 410. */
export async function fetchPicture(url: string): Promise<Uint8Array | null> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (response.status === 403 || response.status === 404 || response.status === 410) {
    await response.body?.cancel(); // frees the connection
    return null;
  }
  if (!response.ok || !response.body) throw new Error(`the picture's host responded with status ${response.status}`);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.length;
    if (size > maxBytes) throw new Error("the picture is too large");
    parts.push(part);
  }
  return Buffer.concat(parts);
}
