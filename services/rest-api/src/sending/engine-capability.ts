import { type EngineDescriptor, type EngineName, engines, type Sendable } from "@syszap/contracts";
import { ProblemError } from "../problem.ts";
import type { OutboundOperation } from "./outbound-operation.ts";

const fieldOf: Partial<Record<Sendable, string>> = { reply: "replyTo", text: "body" };

/** Rejects with 409 when the engine of the session cannot send the operation. */
export function checkCapability(
  engine: EngineName,
  operation: OutboundOperation,
  descriptors: Readonly<Record<string, EngineDescriptor>> = engines,
): void {
  const sends = descriptors[engine]?.capabilities.sends ?? [];
  const missing = sendablesOf(operation).find((sendable) => !sends.includes(sendable));
  if (missing === undefined) return;
  throw new ProblemError("not_supported", `The engine ${engine} of this session cannot send: ${missing}.`, {
    errors: [{ path: fieldOf[missing] ?? missing, message: `the engine ${engine} does not support this` }],
  });
}

/** Everything that an engine must support to send the operation. */
function sendablesOf({ changes, kind = "text", quotes, forwards }: OutboundOperation): Sendable[] {
  if (changes) return [changes.change];
  const content = kind === "contact" ? "contacts" : kind;
  const needed: Sendable[] = content === "system" || content === "unknown" ? [] : [content];
  if (quotes) needed.push("reply");
  if (forwards) needed.push("forward");
  return needed;
}
