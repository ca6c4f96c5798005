import type { IncomingMessage, ServerResponse } from "node:http";
import { sessionManagers, tokenAudience } from "@syszap/contracts";
import { decodeJwt } from "jose";
import { bearerTokenOf } from "../admission/upgrade.ts";
import type { Authorizer } from "../authorize.ts";
import type { Hub } from "../hub.ts";
import { Refusal, refuseRequest } from "../refusal.ts";

/** `GET /stats`: R13 of this gateway; a company's admins see their own company only, operators all. */
export function createStatsRoute(authorizer: Authorizer, hub: Hub) {
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    try {
      const token = bearerTokenOf(req);
      if (token === undefined) throw new Refusal(401, "An access token is needed");
      const body = JSON.stringify(hub.getWebSocketStats(await companyToShow(authorizer, token)));
      res.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" }).end(body);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuseRequest(res, error);
    }
  };
}

/** Undefined: all of them. */
async function companyToShow(authorizer: Authorizer, token: string): Promise<string | undefined> {
  if (isForOperators(token)) {
    await authorizer.asOperator(token);
    return undefined;
  }
  const { companyId, role } = await authorizer.withAccessToken(token);
  if (!sessionManagers.includes(role)) throw new Refusal(403, "Only admins may see this");
  return companyId;
}

/** Which kind of token it claims to be; it is verified as that. */
function isForOperators(token: string): boolean {
  try {
    return decodeJwt(token).aud === tokenAudience.operator;
  } catch {
    return false;
  }
}
