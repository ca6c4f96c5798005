import type { AuditActor } from "@syszap/database";
import type { Request } from "express";
import type { Caller, OperatorCaller } from "./guard.ts";
import { addressOf } from "./too-many-requests.ts";

/** Who made a request, for the audit log. */
export function auditActorOf(caller: Caller | OperatorCaller, req: Request): AuditActor {
  const address = addressOf(req);
  if ("operatorId" in caller) return { kind: "operator", id: caller.operatorId, address };
  const { userId: id, loginId, apiKeyId } = caller;
  return { kind: apiKeyId === undefined ? "user" : "api_key", id, loginId, address };
}
