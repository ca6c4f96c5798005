import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tokenAudience, tokenIssuer } from "@syszap/contracts";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

const [kid, alg] = ["bench", "EdDSA"];
const ticketSeconds = 30;
const accessSeconds = 600;

/** Signs tickets like the REST API, and serves the public key as it does. */
export interface KeySet {
  url: string;
  ticketFor(who: { companyId: string; userId: string }): Promise<string>;
  close(): Promise<void>;
}

export async function serveKeySet(): Promise<KeySet> {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: "sig" };
  const server = createServer((_, res) => {
    res.setHeader("content-type", "application/json").end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/jwks.json`,
    ticketFor: ({ companyId, userId }) => {
      const now = Math.floor(Date.now() / 1_000);
      return new SignJWT({ cid: companyId, lid: randomUUID(), role: "agent", ate: now + accessSeconds })
        .setProtectedHeader({ alg, kid })
        .setSubject(userId)
        .setJti(randomUUID())
        .setIssuer(tokenIssuer)
        .setAudience(tokenAudience.ticket)
        .setExpirationTime(now + ticketSeconds)
        .sign(privateKey);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
