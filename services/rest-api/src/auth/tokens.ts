import { randomUUID } from "node:crypto";
import {
  AccessClaims,
  type KeySet,
  MediaClaims,
  OperatorClaims,
  type Role,
  type TicketClaims,
  tokenAudience,
  tokenIssuer,
} from "@syszap/contracts";
import { type CryptoKey, decodeJwt, importJWK, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { SigningKey } from "../config.ts";

export const accessTokenLifeMs = 10 * 60 * 1_000;
/** Long enough for a piece of work; nothing renews it. */
export const operatorTokenLifeMs = 60 * 60 * 1_000;
const dashboardLifeMs = 15 * 60 * 1_000;
const ticketLifeMs = 30 * 1_000;
const algorithm = "EdDSA";

/** Of each kind all but the end, which the signature adds. */
type OwnClaims<Claims> = Claims extends unknown ? Omit<Claims, "exp"> : never;

/** Which kind of token it claims to be; nothing about it is verified yet. */
export function isForOperators(token: string): boolean {
  try {
    return decodeJwt(token).aud === tokenAudience.operator;
  } catch {
    return false;
  }
}

/** Signs what gateways and this API verify; others only ever see the public half. */
export class Tokens {
  private constructor(
    private readonly privateKey: CryptoKey | Uint8Array,
    private readonly publicKey: CryptoKey | Uint8Array,
    private readonly kid: string,
    /** Published at /.well-known/jwks.json. */
    readonly keySet: KeySet,
  ) {}

  static async from({ d, ...publicPart }: SigningKey): Promise<Tokens> {
    const { kty, crv, x, kid } = publicPart;
    return new Tokens(
      await importJWK({ kty, crv, x, d }, algorithm),
      await importJWK({ kty, crv, x }, algorithm),
      kid,
      { keys: [{ kty, crv, x, kid, alg: algorithm, use: "sig" }] },
    );
  }

  async issueAccess(login: { userId: string; companyId: string; loginId: string; role: Role }): Promise<string> {
    const { userId, companyId, loginId, role } = login;
    return this.sign(
      { sub: userId, cid: companyId, lid: loginId, role },
      tokenAudience.access,
      Date.now() + accessTokenLifeMs,
    );
  }

  async issueOperator(operatorId: string): Promise<string> {
    return this.sign({ sub: operatorId }, tokenAudience.operator, Date.now() + operatorTokenLifeMs);
  }

  /** Opens the queue dashboard's page, and nothing else. */
  async issueDashboard(operatorId: string): Promise<{ token: string; expiresAt: Date }> {
    const expiresAt = new Date(Date.now() + dashboardLifeMs);
    return { token: await this.sign({ sub: operatorId }, tokenAudience.dashboard, expiresAt.getTime()), expiresAt };
  }

  /** Opens one WebSocket; the connection may then last as long as the access token would have. */
  async issueTicket(access: AccessClaims): Promise<{ ticket: string; expiresAt: Date }> {
    const expiresAtMs = Date.now() + ticketLifeMs;
    const { sub, cid, lid, role, exp: ate } = access;
    const ticket = await this.sign({ sub, cid, lid, role, jti: randomUUID(), ate }, tokenAudience.ticket, expiresAtMs);
    return { ticket, expiresAt: new Date(Math.floor(expiresAtMs / 1_000) * 1_000) };
  }

  /** Plays one file for this caller, for as long as the access token would have let them. */
  async issueMediaLink(access: AccessClaims, mediaId: string): Promise<{ token: string; expiresAt: Date }> {
    const { sub, cid, exp } = access;
    const token = await this.sign({ sub, cid, mid: mediaId }, tokenAudience.media, exp * 1_000);
    return { token, expiresAt: new Date(exp * 1_000) };
  }

  async verifyMediaLink(token: string): Promise<MediaClaims> {
    return MediaClaims.parse(await this.verify(token, tokenAudience.media));
  }

  /** Rejects, with jose's errors, what is not ours, not for this API, or over. */
  async verifyAccess(token: string): Promise<AccessClaims> {
    return AccessClaims.parse(await this.verify(token, tokenAudience.access));
  }

  /** Rejects as above. Whether that operator still is one, the database knows. */
  async verifyOperator(token: string): Promise<OperatorClaims> {
    return OperatorClaims.parse(await this.verify(token, tokenAudience.operator));
  }

  async verifyDashboard(token: string): Promise<OperatorClaims> {
    return OperatorClaims.parse(await this.verify(token, tokenAudience.dashboard));
  }

  private async verify(token: string, audience: string): Promise<JWTPayload> {
    const { payload } = await jwtVerify(token, this.publicKey, {
      algorithms: [algorithm],
      issuer: tokenIssuer,
      audience,
      requiredClaims: ["exp"],
    });
    return payload;
  }

  private sign(
    claims: OwnClaims<AccessClaims | TicketClaims | OperatorClaims | MediaClaims>,
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
