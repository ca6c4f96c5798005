import type { Request } from "express";
import { ProblemError } from "./problem.ts";

/** True when the connection was closed before the body was complete. Such a stream emits nothing further. */
export const isInterrupted = (req: Request): boolean => req.destroyed && !req.complete;

export const interrupted = () =>
  new ProblemError("malformed", "The connection was closed before the body was complete. Send the request again.");
