import type { ProxyAddress } from "@syszap/platform/proxy";
import type { Engine, EngineListener } from "../contract/engine.ts";
import type { EngineSpec } from "../registry/registry.ts";
import type { ErrorMessage } from "./error-message.ts";

/** Methods of an engine that can be called in another process. */
export type EngineMethod = Exclude<keyof Engine, "memoryBytes" | "mayCopyProfile">;

export interface BeginCommand {
  kind: "begin";
  /** The host reads no configuration: this is everything that it creates the engine from. */
  engine: EngineSpec;
  companyId: string;
  sessionId: string;
  generation: number | undefined;
  profileDirectory: string;
  proxy: ProxyAddress | undefined;
  groups: boolean;
  logLevel: string;
  deadlineMs: number;
}

/** From the connector to the host. Times are those of `monotonicMs`. */
export type HostCommand =
  | BeginCommand
  | { kind: "call"; id: number; method: EngineMethod; args: unknown[] }
  /** Calls a method of the engine's control. */
  | { kind: "control"; id: number; method: string; args: unknown[] }
  | { kind: "pull"; id: number; file: number }
  | { kind: "piece"; pull: number; piece: Uint8Array | null; error?: ErrorMessage }
  | { kind: "drop"; file: number }
  | { kind: "deadline"; deadlineMs: number };

type ListenerEvent = {
  [Event in keyof EngineListener]: { kind: "event"; event: Event; args: Parameters<EngineListener[Event]> };
};

/** From the host to the connector. */
export type HostReport =
  | { kind: "alive" }
  | ListenerEvent[keyof EngineListener]
  /** The host requests the next piece of a file that is sent. */
  | { kind: "pull"; pull: number; file: number }
  /** The host needs no more of the file. */
  | { kind: "drop"; file: number }
  | { kind: "result"; id: number; result: unknown }
  | { kind: "error"; id: number; error: ErrorMessage };

/** Milliseconds of a clock that all processes of a machine share. It never jumps. */
export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

/** Limit for one result: a profile picture, or a piece of a file. The host refuses larger ones. */
export const maxResultBytes = 8 * 1024 * 1024;
export const heartbeatMs = 1_000;
