import type { PasskeyDemand } from "../protocol/protocol.ts";

const rpId = "whatsapp.com";
const timeoutMs = 600_000;
const random = () => crypto.getRandomValues(new Uint8Array(32));

/** Checks whether the browser supports passkeys. Sites do this without demanding a passkey. */
export async function checkPasskeySupport(): Promise<void> {
  if (!("PublicKeyCredential" in window)) return;
  await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false);
  await PublicKeyCredential.isConditionalMediationAvailable?.().catch(() => false);
  const autofill = new AbortController();
  const publicKey = { challenge: random(), rpId };
  navigator.credentials.get({ publicKey, mediation: "conditional", signal: autofill.signal }).catch(() => undefined);
  autofill.abort();
  await navigator.credentials.get({ mediation: "silent" }).catch(() => undefined);
}

/** Requests or creates a passkey with the options of WhatsApp Web. Rejects if the browser refuses or `signal` is aborted. */
export function requestPasskey(demand: PasskeyDemand["demand"], signal: AbortSignal): Promise<unknown> {
  if (demand === "use") {
    const publicKey = { challenge: random(), rpId, timeout: timeoutMs, userVerification: "required" as const };
    return navigator.credentials.get({ publicKey, signal });
  }
  const publicKey: PublicKeyCredentialCreationOptions = {
    challenge: random(),
    rp: { id: rpId, name: "WhatsApp" },
    user: { id: random(), name: "WhatsApp", displayName: "WhatsApp" },
    pubKeyCredParams: [{ type: "public-key", alg: -7 }],
    authenticatorSelection: { userVerification: "required" },
    timeout: timeoutMs,
  };
  return navigator.credentials.create({ publicKey, signal });
}
