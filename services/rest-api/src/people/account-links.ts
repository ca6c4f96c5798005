import { createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { pagePaths } from "@syszap/contracts";
import type { AccountLinkKind } from "@syszap/database";
import type { SigningKey } from "../signing-key.ts";

const nonceBytes = 32;
const pageOf = { invitation: pagePaths.invitation, password_reset: pagePaths.passwordReset } as const;

interface LinkOptions {
  signingKey: Pick<SigningKey, "d">;
  /** Origin of the web app. */
  publicUrl: string;
  /** True if the platform sends e-mails. */
  sendsMail: boolean;
}

/**
 * Creates the tokens of links that set a password. A token is derived from a stored nonce and a secret of this service, so the
 * database contains nothing that opens an account, and the e-mail can be written again after a crash. Decision 046.
 */
export class AccountLinks {
  readonly sendsMail: boolean;
  private readonly key: Buffer;
  private readonly publicUrl: string;

  constructor({ signingKey, publicUrl, sendsMail }: LinkOptions) {
    this.key = Buffer.from(hkdfSync("sha256", Buffer.from(signingKey.d, "base64url"), "", "syszap account links", 32));
    this.publicUrl = publicUrl;
    this.sendsMail = sendsMail;
  }

  create(kind: AccountLinkKind): { nonce: Buffer; tokenHash: Buffer; url: string } {
    const nonce = randomBytes(nonceBytes);
    return { nonce, tokenHash: hashLinkToken(this.tokenOf(kind, nonce)), url: this.urlOf(kind, nonce) };
  }

  /** The token follows after `#`, so that browsers send it to no server. */
  urlOf(kind: AccountLinkKind, nonce: Buffer): string {
    return `${new URL(pageOf[kind], this.publicUrl)}#${this.tokenOf(kind, nonce)}`;
  }

  /** False when the link was created with an earlier signing key. */
  isOwn(kind: AccountLinkKind, link: { nonce: Buffer; tokenHash: Buffer }): boolean {
    return hashLinkToken(this.tokenOf(kind, link.nonce)).equals(link.tokenHash);
  }

  private tokenOf(kind: AccountLinkKind, nonce: Buffer): string {
    return createHmac("sha256", this.key).update(`${kind}|`).update(nonce).digest("base64url");
  }
}

export const hashLinkToken = (token: string): Buffer => createHash("sha256").update(token).digest();
