import { randomBytes } from "node:crypto";
import type { SecondFactorSetup } from "@syszap/contracts";
import { Secret, TOTP } from "otpauth";
import QRCode from "qrcode";

/** RFC 6238 as all authenticator apps implement it. Some apps ignore other values. */
const algorithm = "SHA1";
const digits = 6;
const periodSeconds = 30;
/** Accepts the codes of the previous and the next time step, for clocks that differ. */
const window = 1;
/** The length of the hash, as RFC 4226 recommends. */
const secretBytes = 20;
const issuer = "sysZap";

export const newSecret = (): Buffer => randomBytes(secretBytes);

/** What an authenticator app needs. `label` names the account in the app. */
export async function setupOf(secret: Buffer, label: string): Promise<SecondFactorSetup> {
  const totp = totpOf(secret, label);
  const uri = totp.toString();
  const qrCode = await QRCode.toDataURL(uri, { errorCorrectionLevel: "M", margin: 2, scale: 6 });
  return { secret: totp.secret.base32, uri, qrCode };
}

/** The time step that the code belongs to. Undefined when the code is not valid now. */
export function timeStepOf(secret: Buffer, code: string, nowMs = Date.now()): number | undefined {
  const delta = totpOf(secret).validate({ token: code, timestamp: nowMs, window });
  return delta === null ? undefined : Math.floor(nowMs / 1_000 / periodSeconds) + delta;
}

const totpOf = (secret: Buffer, label = "") =>
  new TOTP({
    issuer,
    label,
    algorithm,
    digits,
    period: periodSeconds,
    secret: new Secret({ buffer: bytesOf(secret) }),
  });

/** An `ArrayBuffer` with these bytes only: small buffers of Node.js share one. */
const bytesOf = (buffer: Buffer): ArrayBuffer => new Uint8Array(buffer).buffer;
