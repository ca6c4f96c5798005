import { createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { type AccountLink, invitationLifeMs, pagePaths, passwordResetLifeMs } from "@syszap/contracts";
import type { AccountLinkKind, CompanyUnit } from "@syszap/database";
import type { SigningKey, SigningKeys } from "../signing-key.ts";

const nonceBytes = 32;
const lifeMs = { invitation: invitationLifeMs, password_reset: passwordResetLifeMs } as const;
const pageOf = { invitation: pagePaths.invitation, password_reset: pagePaths.passwordReset } as const;

interface LinkOptions {
  signingKeys: SigningKeys;
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
  private readonly keys: readonly Buffer[];
  private readonly publicUrl: string;

  constructor({ signingKeys, publicUrl, sendsMail }: LinkOptions) {
    this.key = linkKey(signingKeys[0]);
    this.keys = signingKeys.map(linkKey);
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
    const link = this.sendsMail ? null : this.urlWith(kind, this.tokenOf(kind, nonce));
    return { mail, link, expiresAt: expiresAt.toISOString() };
  }

  /** The address of a stored link. Undefined when the signing key with which it was created has been removed. */
  urlOf(kind: AccountLinkKind, { nonce, tokenHash }: { nonce: Buffer; tokenHash: Buffer }): string | undefined {
    const tokens = this.keys.map((key) => this.tokenOf(kind, nonce, key));
    const token = tokens.find((each) => hashLinkToken(each).equals(tokenHash));
    return token === undefined ? undefined : this.urlWith(kind, token);
  }

  /** The token follows after `#`, so that browsers send it to no server. */
  private urlWith(kind: AccountLinkKind, token: string): string {
    return `${new URL(pageOf[kind], this.publicUrl)}#${token}`;
  }

  private tokenOf(kind: AccountLinkKind, nonce: Buffer, key = this.key): string {
    return createHmac("sha256", key).update(`${kind}|`).update(nonce).digest("base64url");
  }
}

const linkKey = ({ d }: SigningKey): Buffer =>
  Buffer.from(hkdfSync("sha256", Buffer.from(d, "base64url"), "", "syszap account links", 32));

export const hashLinkToken = (token: string): Buffer => createHash("sha256").update(token).digest();
