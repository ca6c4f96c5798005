import type { AuditActor, Device } from "@syszap/database";
import type { Request } from "express";
import { addressOf } from "./too-many-requests.ts";

/** The browser or program of a request, and its network address. */
export const deviceOf = (req: Request): Device => ({ userAgent: req.get("user-agent"), address: addressOf(req) });

/** The person whom a password, a link or a cookie identified. */
export const personOf = ({ userId }: { userId: string }, { address }: Pick<Device, "address">): AuditActor => ({
  kind: "user",
  id: userId,
  address,
});
