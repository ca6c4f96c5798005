import { z } from "zod";
import { maxTeamsOfUser } from "./constants/index.ts";
import { Role } from "./vocabulary.ts";

/** Audience claim (`aud`) of each kind of token. A token of one kind is never accepted as another. */
export const tokenAudience = {
  access: "syszap",
  ticket: "syszap-realtime",
  /** Operators of the platform. They belong to no company. */
  operator: "syszap-operator",
  /** Cookie that gives an operator's browser read access to the queue dashboard. */
  dashboard: "syszap-queues",
  /** Link that grants access to one file. */
  media: "syszap-media",
  /** Challenges: a correct password of a user or an operator whose code, or whose setup of a second factor, is missing. */
  secondFactor: "syszap-second-factor",
  secondFactorSetup: "syszap-second-factor-setup",
  operatorSecondFactor: "syszap-operator-second-factor",
  operatorSecondFactorSetup: "syszap-operator-second-factor-setup",
} as const;
export const tokenIssuer = "syszap";

/** Claims of an access token, which is valid for 10 minutes. */
export const AccessClaims = z.object({
  sub: z.uuid().describe("user"),
  cid: z.uuid().describe("company"),
  lid: z.uuid().describe("login: the chain of refresh tokens that the token belongs to"),
  role: Role,
  exp: z.number(),
});
export type AccessClaims = z.infer<typeof AccessClaims>;
/** Claims of a link to one file. It expires together with the access token of the caller that requested it. */
export const MediaClaims = z.object({
  sub: z.uuid().describe("user"),
  cid: z.uuid().describe("company"),
  lid: z.uuid().describe("login or API key that requested the link"),
  mid: z.uuid().describe("file"),
  exp: z.number(),
});
export type MediaClaims = z.infer<typeof MediaClaims>;
/** Claims of an operator's access token. */
export const OperatorClaims = z.object({
  sub: z.uuid().describe("operator"),
  lid: z.uuid().describe("the operator's login"),
  exp: z.number(),
});
export type OperatorClaims = z.infer<typeof OperatorClaims>;
/** Claims of a challenge, which is valid for 5 minutes. */
export const ChallengeClaims = z.object({
  sub: z.uuid().describe("user or operator"),
  cid: z.uuid().optional().describe("company; absent for operators"),
  pwd: z.string().describe("fingerprint of the password's hash: a new password ends the challenge"),
  exp: z.number(),
});
export type ChallengeClaims = z.infer<typeof ChallengeClaims>;
/** A ticket is valid for 30 s and opens one WebSocket. `ate` is the expiry of the access token that requested it. */
export const TicketClaims = AccessClaims.extend({
  jti: z.uuid(),
  ate: z.number().describe("epoch seconds"),
  teams: z.array(z.uuid()).max(maxTeamsOfUser).optional().describe("teams of the user; absent: none"),
  all: z.boolean().optional().describe("true: sees every chat, as the owner or admin who created the API key does"),
  rights: z
    .string()
    .regex(/^\d{1,16}\.\d{1,16}$/)
    .optional()
    .describe("`<epoch>.<seq>` of the company's log, read before role and teams; an older ticket is refused"),
  key: z.boolean().optional().describe("true: requested with an API key, so the socket needs no Origin header"),
});
export type TicketClaims = z.infer<typeof TicketClaims>;
