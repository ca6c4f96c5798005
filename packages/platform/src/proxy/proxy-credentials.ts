import { z } from "zod";
import type { SealedSecrets } from "../sealed-secrets.ts";
import type { ProxyAddress } from "./proxy-address.ts";

const Credentials = z.object({ username: z.string(), password: z.string() });
type Credentials = NonNullable<ProxyAddress["credentials"]>;

/** The session to which credentials belong. They open only for it. */
interface CredentialOwner {
  companyId: string;
  sessionId: string;
}
const nameOf = ({ companyId, sessionId }: CredentialOwner) => `${companyId}|${sessionId}`;

export const sealCredentials = (secrets: SealedSecrets, credentials: Credentials, owner: CredentialOwner): Buffer =>
  secrets.seal(Buffer.from(JSON.stringify(credentials)), nameOf(owner));

/** Throws when no key fits, or the credentials were changed or belong to another session. */
export const openCredentials = (secrets: SealedSecrets, sealed: Buffer, owner: CredentialOwner): Credentials =>
  Credentials.parse(JSON.parse(secrets.open(sealed, nameOf(owner)).toString()));
