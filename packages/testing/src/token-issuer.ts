import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Role, tokenAudience, tokenIssuer } from "@syszap/contracts";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

const [kid, alg] = ["testing", "EdDSA"];
const ticketSeconds = 30;
/** Longer than a benchmark, whose clients do not renew their access. */
const accessSeconds = 3_600;

export interface TicketHolder {
  companyId: string;
  userId: string;
  role: Role;
  teams?: readonly string[];
}

/** Issues tickets and serves the public key set as the REST API does, for gateways that run without the REST API. */
export interface TokenIssuer {
  readonly keySetUrl: string;
  ticketFor(holder: TicketHolder): Promise<string>;
  close(): Promise<void>;
}

export async function startTokenIssuer(): Promise<TokenIssuer> {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: "sig" };
  const server = createServer((_, res) => {
    res.setHeader("content-type", "application/json").end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    keySetUrl: `http://127.0.0.1:${port}/jwks.json`,
    ticketFor: ({ companyId, userId, role, teams = [] }) => {
      const now = Math.floor(Date.now() / 1_000);
      return new SignJWT({ cid: companyId, lid: randomUUID(), role, teams, ate: now + accessSeconds })
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
