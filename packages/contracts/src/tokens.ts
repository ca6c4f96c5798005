import { z } from "zod";
import { Role } from "./vocabulary.ts";

/** Who a token may be used with: an access token never opens what a ticket opens by itself, and vice versa. */
export const tokenAudience = {
  access: "syszap",
  ticket: "syszap-realtime",
  /** Of people who run the platform: they belong to no company, and no company's token passes for one. */
  operator: "syszap-operator",
  /** Of the queue dashboard's cookie: it opens that page for an operator's browser, to read. */
  dashboard: "syszap-queues",
  /** Of an address that plays one file. */
  media: "syszap-media",
} as const;
export const tokenIssuer = "syszap";

/** Claims of an access token (10 min) beside `sub` (user), `iss`, `aud`, `exp`. */
export const AccessClaims = z.object({
  sub: z.uuid().describe("user"),
  cid: z.uuid().describe("company"),
  lid: z.uuid().describe("login: the chain of refresh tokens it came from"),
  role: Role,
  exp: z.number(),
});
export type AccessClaims = z.infer<typeof AccessClaims>;
/** Claims of an address that plays one file: it ends when the access token that it was made with does. */
export const MediaClaims = z.object({
  sub: z.uuid().describe("user"),
  cid: z.uuid().describe("company"),
  mid: z.uuid().describe("file"),
  exp: z.number(),
});
export type MediaClaims = z.infer<typeof MediaClaims>;
/** Claims of an operator's token, beside `iss`, `aud`. */
export const OperatorClaims = z.object({ sub: z.uuid().describe("operator"), exp: z.number() });
export type OperatorClaims = z.infer<typeof OperatorClaims>;
/** A ticket lives 30 s and opens one WebSocket; `ate` is the end of the access token it was made from. */
export const TicketClaims = AccessClaims.extend({ jti: z.uuid(), ate: z.number().describe("epoch seconds") });
export type TicketClaims = z.infer<typeof TicketClaims>;
