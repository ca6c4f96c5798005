import { z } from "zod";
import { maxPageSize, maxSearchLength, maxSessionNameLength } from "../constants/index.ts";
import { EngineName, LinkableNumber, TypingState } from "../vocabulary.ts";
import { Me } from "./resources.ts";

/** Text that Postgres, JSON and WhatsApp all keep byte for byte: no NUL, no half of a surrogate pair. */
export const storable = (text: z.ZodString) =>
  text
    .refine((value) => !value.includes("\u0000"), "must not contain the NUL character")
    .refine((value) => value.isWellFormed(), "must be well-formed Unicode: it holds half of a surrogate pair");

export const LoginRequest = z.object({ email: z.email().max(320), password: z.string().min(1).max(1_000) });
/** Of the refresh token: httpOnly, only sent to `/v1/auth`. */
export const refreshCookieName = "syszap_refresh";
/** The refresh token travels beside it, in an httpOnly cookie. */
export const LoginAnswer = z.object({ accessToken: z.string(), expiresInSeconds: z.number().int(), me: Me });
export type LoginAnswer = z.infer<typeof LoginAnswer>;
/** Operators sign in again when it has ended: they have no refresh token. */
export const OperatorLoginAnswer = z.object({
  accessToken: z.string(),
  expiresInSeconds: z.number().int(),
  operator: z.object({ id: z.uuid(), email: z.string(), name: z.string() }),
});
export type OperatorLoginAnswer = z.infer<typeof OperatorLoginAnswer>;

export const CreateSessionRequest = z.object({
  name: storable(z.string().trim().min(1).max(maxSessionNameLength)),
  engine: EngineName.optional(),
});
export const ConnectSessionRequest = z.object({
  phoneNumber: LinkableNumber.optional().describe(
    "link by a code typed on the phone with this number, beside the QR code",
  ),
});
export const TypingRequest = z.object({ state: TypingState });
/** The same key and body are one message, however often they are sent. Keys are the company's: use random ones. */
export const IdempotencyHeaders = z.object({
  "idempotency-key": z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, "must be 1 to 200 visible ASCII characters")
    .optional(),
});

/** A notice for people (R11). Only operators reach everyone; managers reach their company, or one person of it. */
export const BroadcastRequest = z.object({
  to: z.discriminatedUnion("reach", [
    z.object({ reach: z.literal("everyone") }),
    z.object({ reach: z.literal("company") }),
    z.object({ reach: z.literal("user"), userId: z.uuid() }),
  ]),
  title: storable(z.string().trim().min(1).max(200)),
  body: storable(z.string().trim().max(2_000)).default(""),
  level: z.enum(["info", "warning", "critical"]).default("info"),
});

/** Keyset pagination: `before` is the `next` of the page before. */
export const PageRequest = z.object({
  before: z.string().max(300).optional(),
  limit: z.coerce.number<number>().int().min(1).max(maxPageSize).default(50),
});
export const SearchablePageRequest = PageRequest.extend({
  search: storable(z.string().trim().max(maxSearchLength))
    .optional()
    .describe("part of a client's name, whatever its case and accents, or of the number"),
});
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable().describe("null on the last page") });
export interface Page<Item> {
  items: Item[];
  next: string | null;
}
