import type { DurableEvent } from "@syszap/contracts";
import type { Dialect, Door } from "../crowd/orders.ts";

/** One of the crowd, before it knows the way in. */
export interface Member {
  companyId: string;
  userId: string;
  group: number;
}

/** A gateway in a process of its own that subscribes to Redis, and the way its users would publish to it. */
export interface Contender {
  /** The process whose costs are measured. */
  readonly pid: number;
  readonly dialect: Dialect;
  /** Text frames that greet a client before any event. */
  readonly greetings: number;
  doorFor(member: Member): Promise<Door>;
  /** Resolves when Redis has it. */
  publish(companyId: string, event: DurableEvent): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Undefined when it can't run on this machine. */
export type StartContender = (redisUrl: string) => Promise<Contender | undefined>;
