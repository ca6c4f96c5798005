import { randomUUID } from "node:crypto";
import {
  AccessClaims,
  accessTokenLifeMs,
  ChallengeClaims,
  type KeySet,
  MediaClaims,
  OperatorClaims,
  type Role,
  type TicketClaims,
  tokenAudience,
  tokenIssuer,
} from "@syszap/contracts";
import {
  type CryptoKey,
  createLocalJWKSet,
  decodeJwt,
  importJWK,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
  SignJWT,
} from "jose";
import type { SigningKeys } from "../signing-key.ts";

const operatorTokenLifeMs = 60 * 60 * 1_000;
const dashboardLifeMs = 15 * 60 * 1_000;
const ticketLifeMs = 30 * 1_000;
const algorithm = "EdDSA";

/** Claims without the expiry, which `sign` adds. */
type OwnClaims<Claims> = Claims extends unknown ? Omit<Claims, "exp"> : never;

/** Reads the audience of a token without verifying it. */
export function isForOperators(token: string): boolean {
  try {
    return decodeJwt(token).aud === tokenAudience.operator;
  } catch {
    return false;
  }
}

/** Issues tokens with the first key, and verifies them with all keys. Gateways verify with the published public keys. */
export class Tokens {
  private constructor(
    private readonly privateKey: CryptoKey | Uint8Array,
    private readonly kid: string,
    private readonly publicKeys: JWTVerifyGetKey,
    /** Published at /.well-known/jwks.json. */
    readonly keySet: KeySet,
  ) {}

  static async from(keys: SigningKeys): Promise<Tokens> {
    const [{ kty, crv, x, d, kid }] = keys;
    const keySet: KeySet = {
      keys: keys.map(({ kty, crv, x, kid }) => ({ kty, crv, x, kid, alg: algorithm, use: "sig" })),
    };
    return new Tokens(await importJWK({ kty, crv, x, d }, algorithm), kid, createLocalJWKSet(keySet), keySet);
  }

  async issueAccess(login: { userId: string; companyId: string; loginId: string; role: Role }): Promise<string> {
    const { userId, companyId, loginId, role } = login;
    return this.sign(
      { sub: userId, cid: companyId, lid: loginId, role },
      tokenAudience.access,
      Date.now() + accessTokenLifeMs,
    );
  }

  /** The token ends with the login at the latest. */
  async issueOperator(operatorId: string, login: { id: string; expiresAt: Date }) {
    const expiresAtMs = Math.min(Date.now() + operatorTokenLifeMs, login.expiresAt.getTime());
    const token = await this.sign({ sub: operatorId, lid: login.id }, tokenAudience.operator, expiresAtMs);
    return { token, expiresInSeconds: Math.max(0, Math.floor((expiresAtMs - Date.now()) / 1_000)) };
  }

  /** Issues a token that is valid for the queue dashboard only. */
  async issueDashboard({ operatorId, loginId }: { operatorId: string; loginId: string }) {
    const expiresAt = new Date(Date.now() + dashboardLifeMs);
    const claims = { sub: operatorId, lid: loginId };
    return { token: await this.sign(claims, tokenAudience.dashboard, expiresAt.getTime()), expiresAt };
  }

  /** Issues a ticket for one WebSocket connection, which may last until the access token expires. */
  async issueTicket(
    access: AccessClaims,
    reach: Pick<TicketClaims, "teams" | "all" | "rights" | "key"> = {},
  ): Promise<{ ticket: string; expiresAt: Date }> {
    const expiresAtMs = Date.now() + ticketLifeMs;
    const { sub, cid, lid, role, exp: ate } = access;
    const claims = { sub, cid, lid, role, jti: randomUUID(), ate, ...reach };
    const ticket = await this.sign(claims, tokenAudience.ticket, expiresAtMs);
    return { ticket, expiresAt: new Date(Math.floor(expiresAtMs / 1_000) * 1_000) };
  }

  /** Issues a token for downloading one file, valid until the access token expires. */
  async issueMediaLink(access: AccessClaims, mediaId: string): Promise<{ token: string; expiresAt: Date }> {
    const { sub, cid, lid, exp } = access;
    const token = await this.sign({ sub, cid, lid, mid: mediaId }, tokenAudience.media, exp * 1_000);
    return { token, expiresAt: new Date(exp * 1_000) };
  }

  async verifyMediaLink(token: string): Promise<MediaClaims> {
    return MediaClaims.parse(await this.verify(token, tokenAudience.media));
  }

  async issueChallenge(claims: OwnClaims<ChallengeClaims>, audience: string, lifeMs: number): Promise<string> {
    return this.sign(claims, audience, Date.now() + lifeMs);
  }

  async verifyChallenge(token: string, audience: string): Promise<ChallengeClaims> {
    return ChallengeClaims.parse(await this.verify(token, audience));
  }

  /** Rejects with an error of `jose` when the signature, issuer, audience or expiry is invalid. */
  async verifyAccess(token: string): Promise<AccessClaims> {
    return AccessClaims.parse(await this.verify(token, tokenAudience.access));
  }

  /** Rejects like `verifyAccess`. The caller must check that the login is active. */
  async verifyOperator(token: string): Promise<OperatorClaims> {
    return OperatorClaims.parse(await this.verify(token, tokenAudience.operator));
  }

  async verifyDashboard(token: string): Promise<OperatorClaims> {
    return OperatorClaims.parse(await this.verify(token, tokenAudience.dashboard));
  }

  private async verify(token: string, audience: string): Promise<JWTPayload> {
    const { payload } = await jwtVerify(token, this.publicKeys, {
      algorithms: [algorithm],
      issuer: tokenIssuer,
      audience,
      requiredClaims: ["exp"],
    });
    return payload;
  }

  private sign(
    claims: OwnClaims<AccessClaims | TicketClaims | OperatorClaims | MediaClaims | ChallengeClaims>,
    audience: string,
    expiresAtMs: number,
  ): Promise<string> {
    return new SignJWT(claims as JWTPayload)
      .setProtectedHeader({ alg: algorithm, kid: this.kid, typ: "JWT" })
      .setIssuer(tokenIssuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(Math.floor(expiresAtMs / 1_000))
      .sign(this.privateKey);
  }
}
