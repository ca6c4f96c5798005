import { createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { type AccountLink, invitationLifeMs, pagePaths, passwordResetLifeMs } from "@syszap/contracts";
import type { AccountLinkKind, CompanyUnit } from "@syszap/database";
import type { SigningKey } from "../signing-key.ts";

const nonceBytes = 32;
const lifeMs = { invitation: invitationLifeMs, password_reset: passwordResetLifeMs } as const;
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

  /** Creates a link for a user in the caller's transaction. Queues its e-mail, or returns the URL if the platform sends none. */
  async create(unit: CompanyUnit, userId: string, kind: AccountLinkKind): Promise<AccountLink> {
    const nonce = randomBytes(nonceBytes);
    const tokenHash = hashLinkToken(this.tokenOf(kind, nonce));
    const mail = this.sendsMail ? "queued" : "off";
    const { expiresAt } = await unit.accountLinks.create({
      userId,
      kind,
      nonce,
      tokenHash,
      lifeMs: lifeMs[kind],
      mail,
    });
    return { mail, link: this.sendsMail ? null : this.urlOf(kind, nonce), expiresAt: expiresAt.toISOString() };
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
