import type { IncomingMessage, ServerResponse } from "node:http";
import { sessionManagers, tokenAudience } from "@syszap/contracts";
import { decodeJwt } from "jose";
import { bearerTokenOf } from "../admission/upgrade.ts";
import type { Authorizer } from "../authorize.ts";
import type { Hub } from "../hub.ts";
import { Refusal, refuseRequest } from "../refusal.ts";

/** `GET /stats` lists the connections of this gateway (requirement R13): to admins those of their company, to operators all. */
export function createStatsRoute(authorizer: Authorizer, hub: Hub) {
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    try {
      const token = bearerTokenOf(req);
      if (token === undefined) throw new Refusal(401, "An access token is required");
      const body = JSON.stringify(hub.getWebSocketStats(await companyToShow(authorizer, token)));
      res.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" }).end(body);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuseRequest(res, error);
    }
  };
}

/** Returns the company of an admin, or undefined for an operator, who sees all companies. */
async function companyToShow(authorizer: Authorizer, token: string): Promise<string | undefined> {
  if (isForOperators(token)) {
    await authorizer.asOperator(token);
    return undefined;
  }
  const { cid, role } = await authorizer.verifyAccessToken(token);
  if (!sessionManagers.includes(role)) throw new Refusal(403, "Only admins may see the connections");
  return cid;
}

/** Reads the unverified audience; the token is then verified as that kind. */
function isForOperators(token: string): boolean {
  try {
    return decodeJwt(token).aud === tokenAudience.operator;
  } catch {
    return false;
  }
}
