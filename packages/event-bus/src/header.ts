import { type Audience, type Cursor, Role, wholeCompany } from "@syszap/contracts";

/** One place in a channel's log. */
export interface Position {
  seq: number;
  link: string;
}

/** What stands in front of a frame on the channel and in the log. The frame itself is never looked into. */
export interface Header {
  /** Undefined for ephemeral events: they have no place in the log. */
  position: Position | undefined;
  /** The link before this one; "" for ephemeral events. */
  prev: string;
  /** Epoch milliseconds by the clock of Redis; 0 for durable events, which never go stale. */
  expiresAt: number;
  audience: Audience;
}

/** Names the layout, so that a gateway of another deploy drops what it can't read instead of misreading it. */
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

/** One line, as the scripts write it: version, seq, link, prev, expiresAt, audience. */
export function encodeHeader({ position, prev, expiresAt, audience }: Header): string {
  const place = position ? `${position.seq} ${position.link} ${prev}` : "0 - -";
  return `${headerVersion} ${place} ${expiresAt} ${encodeAudience(audience)}\n`;
}

/** Undefined when the layout is unknown or broken; otherwise the frame is a view on the payload's own bytes. */
export function splitPayload(payload: Buffer): { header: Header; frame: Buffer } | undefined {
  const end = payload.indexOf(endOfHeader);
  if (end === -1) return undefined;
  const [version, seq, link, prev, expiresAt, audienceText] = payload.toString("latin1", 0, end).split(" ");
  if (version !== headerVersion || !link || !prev || !audienceText) return undefined;
  const audience = decodeAudience(audienceText);
  if (!audience) return undefined;
  // Read anew: as a part of the line it would keep all of the line in memory for as long as itself.
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

/** Undefined for anything that no gateway has ever handed out. */
export function parseCursor(cursor: string): Position | undefined {
  const match = /^(\d{1,16})\.([0-9a-f]{16})$/.exec(cursor);
  return match ? { seq: Number(match[1]), link: match[2] ?? "" } : undefined;
}
