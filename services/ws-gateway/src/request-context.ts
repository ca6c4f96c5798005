import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { RequestId } from "@syszap/contracts";

/** The id of the caller or of a proxy, or a new one, for the log lines of the request. */
export const requestContextOf = (req: IncomingMessage): { requestId: string } => ({
  requestId: RequestId.safeParse(req.headers["x-request-id"]).data ?? randomUUID(),
});
