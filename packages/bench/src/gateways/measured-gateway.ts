import type { DurableEvent } from "@syszap/contracts";
import type { Endpoint, WireProtocol } from "../client-pool/commands.ts";

/** One of the crowd, before it knows the way in. */
export interface PoolMember {
  companyId: string;
  userId: string;
  group: number;
}

/** A gateway in a process of its own that subscribes to Redis, and the way its users would publish to it. */
export interface MeasuredGateway {
  /** The process whose costs are measured. */
  readonly pid: number;
  readonly wireProtocol: WireProtocol;
  /** Text frames that greet a client before any event. */
  readonly greetings: number;
  endpointFor(member: PoolMember): Promise<Endpoint>;
  /** Resolves when Redis has it. */
  publish(companyId: string, event: DurableEvent): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Undefined when it can't run on this machine. */
export type StartGateway = (redisUrl: string) => Promise<MeasuredGateway | undefined>;
