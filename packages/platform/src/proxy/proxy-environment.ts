import { flag } from "../environment.ts";
import { masterKeys } from "../master-keys.ts";
import { sessionKeyPurpose } from "../sealed-secrets.ts";

/** Variables of the processes that store or use the proxies of sessions. Must be equal in all. */
export const proxyEnvironment = {
  /** 32 random bytes in base64. Encrypts the credentials of proxies. To rotate, put the new key in front of the old one. */
  SESSION_ENCRYPTION_KEY: masterKeys(sessionKeyPurpose).optional(),
  /** Allows proxies with private addresses. Only for private networks in which every company is trusted. */
  PROXY_ALLOW_PRIVATE: flag().default(false),
};
