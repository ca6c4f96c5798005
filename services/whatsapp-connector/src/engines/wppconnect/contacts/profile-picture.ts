import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";

const timeoutMs = 10_000;
const maxBytes = 5 * 1024 * 1024;

/** Opens a connection through the session's proxy. */
export type OpenSocket = (host: string, port: number) => Promise<Socket>;

/**
 * Downloads a profile picture. Returns null if it is hidden or gone; WhatsApp's picture host then answers 403, 404 or 410.
 * `open` is undefined if the session has no proxy.
 */
export async function fetchPicture(url: string, open: OpenSocket | undefined): Promise<Uint8Array | null> {
  const response = await get(new URL(url), open);
  const { statusCode = 0 } = response;
  if (statusCode !== 200) response.destroy();
  if (statusCode === 403 || statusCode === 404 || statusCode === 410) return null;
  if (statusCode !== 200) throw new Error(`the picture's host responded with status ${statusCode}`);
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBytes) throw new Error("the picture is too large");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function get(url: URL, open: OpenSocket | undefined): Promise<IncomingMessage> {
  const signal = AbortSignal.timeout(timeoutMs);
  const isSecure = url.protocol === "https:";
  const socket = await open?.(url.hostname, Number(url.port || (isSecure ? 443 : 80)));
  const through = socket && {
    createConnection: () => (isSecure ? connectTls({ socket, servername: url.hostname }) : socket),
  };
  return new Promise((resolve, reject) => {
    const options = { signal, headers: { connection: "close" }, ...through };
    const request = isSecure ? https.get(url, options, resolve) : http.get(url, options, resolve);
    request.on("error", reject);
  });
}
