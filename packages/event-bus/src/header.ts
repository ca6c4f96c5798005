import { type Audience, type Cursor, Role, wholeCompany } from "@syszap/contracts";

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
}

/** Version of the layout. A gateway of another release drops payloads with an unknown version. */
export const headerVersion = "1";
const endOfHeader = 0x0a;

/** `c`, `u:<userId>` or `r:<role>,<role>`. */
export function encodeAudience(audience: Audience): string {
  if (audience.kind === "user") return `u:${audience.userId}`;
  if (audience.kind === "role") return `r:${audience.roles.join(",")}`;
  return "c";
}

function decodeAudience(text: string): Audience | undefined {
  if (text === "c") return wholeCompany;
  const value = text.slice(2);
  if (text.startsWith("u:") && value !== "") return { kind: "user", userId: value };
  if (!text.startsWith("r:")) return undefined;
  const roles = value.split(",").filter((role): role is Role => Role.safeParse(role).success);
  return roles.length > 0 ? { kind: "role", roles } : undefined;
}

/** Encodes the header as one line, as the Lua scripts do: version, seq, link, prev, expiresAt, audience. */
export function encodeHeader({ position, prev, expiresAt, audience }: Header): string {
  const chainPart = position ? `${position.seq} ${position.link} ${prev}` : "0 - -";
  return `${headerVersion} ${chainPart} ${expiresAt} ${encodeAudience(audience)}\n`;
}

/** Splits a payload into header and frame. The frame is a view of the payload. Undefined if the layout is unknown or invalid. */
export function splitPayload(payload: Buffer): { header: Header; frame: Buffer } | undefined {
  const end = payload.indexOf(endOfHeader);
  if (end === -1) return undefined;
  const [version, seq, link, prev, expiresAt, audienceText] = payload.toString("latin1", 0, end).split(" ");
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
  };
  return { header, frame: payload.subarray(end + 1) };
}

export const toCursor = ({ seq, link }: Position): Cursor => `${seq}.${link}`;

/** Returns undefined for text that is not a cursor. */
export function parseCursor(cursor: string): Position | undefined {
  const match = /^(\d{1,16})\.([0-9a-f]{16})$/.exec(cursor);
  return match ? { seq: Number(match[1]), link: match[2] ?? "" } : undefined;
}
