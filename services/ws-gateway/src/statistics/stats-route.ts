import type { IncomingMessage, ServerResponse } from "node:http";
import { sessionManagers } from "@syszap/contracts";
import { Refusal, refuseRequest } from "../admission/refusal.ts";
import { bearerTokenOf } from "../admission/upgrade.ts";
import type { Authorizer } from "../authorize.ts";
import type { Hub } from "../hub.ts";

/** `GET /stats`: R13 of this gateway, for admins, and of their own company only. */
export function createStatsRoute(authorizer: Authorizer, hub: Hub) {
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    try {
      const token = bearerTokenOf(req);
      if (token === undefined) throw new Refusal(401, "An access token is needed");
      const { companyId, role } = await authorizer.withAccessToken(token);
      if (!sessionManagers.includes(role)) throw new Refusal(403, "Only admins may see this");
      const body = JSON.stringify(hub.getWebSocketStats(companyId));
      res.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" }).end(body);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuseRequest(res, error);
    }
  };
}
