import { type Health, type Metrics, opsHandler } from "@syszap/platform";
import type { Handler, HandlersOf } from "../endpoint.ts";

type Operation = "getLiveness" | "getReadiness" | "getMetrics";

/** Health and metrics on the API's port. The proxy in front must restrict access to them. */
export function operationRoutes(options: { health: Health; metrics: Metrics }): HandlersOf<Operation> {
  const serve = opsHandler(options);
  const handle: Handler<Operation> = async ({ req, res }) => {
    await serve(req, res);
    return undefined;
  };
  return { getLiveness: handle, getReadiness: handle, getMetrics: handle };
}
