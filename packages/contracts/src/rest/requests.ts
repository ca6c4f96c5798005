import { z } from "zod";
import { maxPageSize, maxSearchLength, maxSessionNameLength } from "../constants/index.ts";
import { visibleName } from "../visible-name.ts";
import { EngineName, LinkableNumber, TypingState } from "../vocabulary.ts";
import { Me } from "./resources.ts";

/** Restricts text to what Postgres, JSON and WhatsApp preserve exactly: no NUL, no lone surrogate. */
export const storable = (text: z.ZodString) =>
  text
    .refine((value) => !value.includes("\u0000"), "must not contain the NUL character")
    .refine((value) => value.isWellFormed(), "must be well-formed Unicode: it contains a lone surrogate");

const isVisible = (text: string) => visibleName(text) !== null;
export const isBlankOrVisible = (text: string) => text.trim() === "" || isVisible(text);
export const notVisible = "must contain a visible character";

/** A name, title or other short text, trimmed. At least one of its characters must be visible. Each fault is reported once. */
export const visibleText = (maxLength: number) =>
  storable(z.string().trim().min(1).max(maxLength)).refine(isBlankOrVisible, notVisible);

/** A time that Postgres accepts: its calendar has no year 0. */
export const StorableTime = z.iso
  .datetime()
  .refine((text) => !text.startsWith("0000"), "must be in the year 0001 or later");

export const LoginRequest = z.object({ email: z.email().max(320), password: z.string().min(1).max(1_000) });
/** Cookie with the refresh token: httpOnly, sent to `/v1/auth` only. */
export const refreshCookieName = "syszap_refresh";
/** The refresh token is set as a cookie, not in the body. */
export const LoginAnswer = z.object({ accessToken: z.string(), expiresInSeconds: z.number().int(), me: Me });
export type LoginAnswer = z.infer<typeof LoginAnswer>;

export const CreateSessionRequest = z.object({
  name: visibleText(maxSessionNameLength),
  engine: EngineName.optional(),
});
export const ConnectSessionRequest = z.object({
  phoneNumber: LinkableNumber.optional().describe("also issue a pairing code for the phone with this number"),
});
export const TypingRequest = z.object({ state: TypingState });
/** Requests with the same key and body create one message. Keys are shared by the whole company: use random ones. */
export const IdempotencyHeaders = z.object({
  "idempotency-key": z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, "must be 1 to 200 visible ASCII characters")
    .optional(),
});

/** A notice to users. `everyone` is for operators only; managers reach their company or one of its users. */
export const BroadcastRequest = z.object({
  to: z.discriminatedUnion("reach", [
    z.object({ reach: z.literal("everyone") }),
    z.object({ reach: z.literal("company") }),
    z.object({ reach: z.literal("user"), userId: z.uuid() }),
  ]),
  title: visibleText(200),
  body: storable(z.string().trim().max(2_000)).default(""),
  level: z.enum(["info", "warning", "critical"]).default("info"),
});

/** Keyset pagination: `before` is the `next` of the previous page. */
export const PageRequest = z.object({
  before: z.string().max(300).optional(),
  limit: z.coerce.number<number>().int().min(1).max(maxPageSize).default(50),
});
export const SearchablePageRequest = PageRequest.extend({
  search: storable(z.string().trim().max(maxSearchLength))
    .optional()
    .describe("part of the client's name or the group's subject (case and accents are ignored), or of the number"),
});
/** A page of a chat's messages. At most one of `before`, `after`, `around` and `at` may be sent. */
export const MessagePageRequest = PageRequest.extend({
  before: z
    .string()
    .max(300)
    .optional()
    .describe("`next` of the previous page, or the id of a message: older messages"),
  after: z.uuid().optional().describe("id of a message: the messages that follow it"),
  around: z.uuid().optional().describe("id of a message: it and the messages before and after it"),
  at: StorableTime.optional().describe(
    "a time: the first message at or after it, and the messages before and after it",
  ),
});
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable().describe("null on the last page") });
export interface Page<Item> {
  items: Item[];
  next: string | null;
}
