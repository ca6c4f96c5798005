import type { SessionReason } from "@syszap/contracts";
import { ChromiumMissingError } from "./chromium.ts";

/** Returns the reason that users of the session see when the browser could not be started. */
export function startFailureReason(err: unknown): SessionReason {
  if (err instanceof ChromiumMissingError) return "browser_missing";
  const { code, syscall = "" } = err as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return "profile_disk_full";
  return code === undefined || syscall.startsWith("spawn") ? "browser_not_started" : "profile_not_writable";
}
