import type { Page } from "puppeteer-core";

/**
 * Reports when WhatsApp's page requests a passkey from the browser, which cannot provide one. Call it once for each page, before it is
 * loaded. Checks for support and autofill requests are not reported.
 */
export async function watchPasskeys(page: Page, onDemand: () => void): Promise<void> {
  await page.exposeFunction("syszapPasskey", onDemand);
  await page.evaluateOnNewDocument(wrapCredentials);
}

interface CredentialRequest {
  publicKey?: unknown;
  mediation?: string;
}

/** Runs in the page before its own scripts. It must not use anything from outside its body, nor name inner functions. */
function wrapCredentials(): void {
  const page = globalThis as unknown as {
    CredentialsContainer?: {
      prototype: Record<string, ((this: unknown, request?: CredentialRequest) => Promise<unknown>) | undefined>;
    };
    syszapPasskey?: () => void;
  };
  const methods = page.CredentialsContainer?.prototype;
  if (!methods) return;
  for (const method of ["get", "create"]) {
    const original = methods[method];
    if (!original) continue;
    methods[method] = function (request) {
      const asksNobody = request?.mediation === "conditional" || request?.mediation === "silent";
      if (request?.publicKey !== undefined && !asksNobody) page.syszapPasskey?.();
      return original.call(this, request);
    };
  }
}
