import type { DurableEvent } from "@syszap/contracts";
import type { Endpoint, WireProtocol } from "../client-pool/commands.ts";

/** Identity of one client of the pool. */
export interface PoolMember {
  companyId: string;
  userId: string;
  group: number;
}

/** A gateway in a separate process that subscribes to Redis, and its way to publish. */
export interface MeasuredGateway {
  /** Pid of the measured process. */
  readonly pid: number;
  readonly wireProtocol: WireProtocol;
  /** Number of text frames that the gateway sends to a new client before the first event. */
  readonly greetings: number;
  endpointFor(member: PoolMember): Promise<Endpoint>;
  /** Resolves when Redis has confirmed the event. */
  publish(companyId: string, event: DurableEvent): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Starts a gateway. Undefined if it cannot run on this machine. */
export type StartGateway = (redisUrl: string) => Promise<MeasuredGateway | undefined>;
