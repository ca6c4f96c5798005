import type { Audience, Cursor } from "@syszap/contracts";
import { decodeAudience, encodeAudience } from "./audience-codec.ts";

/** Position of a publication in a channel's log. `link` is random and identifies it; `seq` alone does not. */
export interface Position {
  seq: number;
  link: string;
}

/** Precedes the frame on the channel and in the log, so that nothing needs to parse the frame. */
export interface Header {
  /** Undefined for ephemeral events, which are not in the log. */
  position: Position | undefined;
  /** Link of the previous publication; "" for ephemeral events. */
  prev: string;
  /** Epoch milliseconds by the clock of Redis; 0 for durable events, which do not expire. */
  expiresAt: number;
  audience: Audience;
  /** True for `access_changed`: gateways close the connections of the audience. */
  isAccessChange: boolean;
  /** Epoch milliseconds at which the transaction emitted the event. Absent where an event does not tell. */
  emittedAtMs?: number;
}

/** Version of the layout. A gateway of another release drops payloads with an unknown version. */
export const headerVersion = "1";
const endOfHeader = 0x0a;
/** The longest audience, of 200 ids, has 4,409 characters. */
const maxHeaderBytes = 5_000;
const accessChangeMark = "x";
const noMark = "-";

/** The last part of a header. Earlier releases ignore what follows the audience. */
export const encodeAddress = (event: { type: string; audience: Audience; data: unknown }): string =>
  encodeAddressParts(event.audience, event.type === "access_changed", emittedAtMsOf(event));

function encodeAddressParts(audience: Audience, isAccessChange: boolean, emittedAtMs: number | undefined): string {
  const parts: (string | number)[] = [encodeAudience(audience)];
  if (isAccessChange || emittedAtMs !== undefined) parts.push(isAccessChange ? accessChangeMark : noMark);
  if (emittedAtMs !== undefined) parts.push(emittedAtMs);
  return parts.join(" ");
}

/** The time in a message is WhatsApp's. All other events have the time at which they were emitted. */
function emittedAtMsOf({ type, data }: { type: string; data: unknown }): number | undefined {
  if (type === "new_message" || typeof data !== "object" || data === null || !("timestamp" in data)) return undefined;
  const ms = Date.parse(String(data.timestamp));
  return Number.isNaN(ms) ? undefined : ms;
}

/** Encodes the header as one line, as the Lua scripts do: version, seq, link, prev, expiresAt, audience, mark, emittedAtMs. */
export function encodeHeader(header: Header): string {
  const { position, prev, expiresAt, audience, isAccessChange, emittedAtMs } = header;
  const chainPart = position ? `${position.seq} ${position.link} ${prev}` : "0 - -";
  const address = encodeAddressParts(audience, isAccessChange, emittedAtMs);
  return `${headerVersion} ${chainPart} ${expiresAt} ${address}\n`;
}

/** Splits a payload into header and frame. The frame is a view of the payload. Undefined if the layout is unknown or invalid. */
export function splitPayload(payload: Buffer): { header: Header; frame: Buffer } | undefined {
  const end = payload.indexOf(endOfHeader);
  if (end === -1 || end > maxHeaderBytes) return undefined;
  const parts = payload.toString("latin1", 0, end).split(" ");
  const [version, seq, link, prev, expiresAt, audienceText, mark, emittedAt] = parts;
  if (version !== headerVersion || !link || !prev || !audienceText) return undefined;
  const audience = decodeAudience(audienceText);
  if (!audience) return undefined;
  // Decoded separately: a substring of the line would keep the whole line in memory.
  const linkFrom = version.length + (seq ?? "").length + 2;
  const ownLink = payload.toString("latin1", linkFrom, linkFrom + link.length);
  const header: Header = {
    position: link === "-" ? undefined : { seq: Number(seq), link: ownLink },
    prev: prev === "-" ? "" : prev,
    expiresAt: Number(expiresAt),
    audience,
    isAccessChange: mark === accessChangeMark,
    ...(emittedAt !== undefined && { emittedAtMs: Number(emittedAt) }),
  };
  return { header, frame: payload.subarray(end + 1) };
}

export const toCursor = ({ seq, link }: Position): Cursor => `${seq}.${link}`;

/** Returns undefined for text that is not a cursor. */
export function parseCursor(cursor: string): Position | undefined {
  const match = /^(\d{1,16})\.([0-9a-f]{16})$/.exec(cursor);
  return match ? { seq: Number(match[1]), link: match[2] ?? "" } : undefined;
}
