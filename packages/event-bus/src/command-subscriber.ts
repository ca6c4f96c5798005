import { channels, SessionCommand } from "@syszap/contracts";
import { withLogContext } from "@syszap/platform";
import type { Cluster, Redis } from "ioredis";
import type { BusLog } from "./errors.ts";
import type { SubscriptionLink } from "./links/link.ts";
import { openLink } from "./links/open-link.ts";

type OnCommand = (companyId: string, command: SessionCommand) => void;

/** Receives commands to connectors, at most once. A connector that must not miss one also reads its table; `cmd:wake` is a hint. */
export class CommandSubscriber {
  private readonly companies = new Map<string, string>();
  private readonly commandListeners: OnCommand[] = [];
  private readonly wakeListeners: (() => void)[] = [];
  private readonly link: SubscriptionLink;
  private isClosed = false;

  /** `redis` must have the role "subscriber" and must not be shared. */
  constructor(
    redis: Redis | Cluster,
    private readonly log: BusLog,
  ) {
    const ignore = () => undefined;
    this.link = openLink(
      redis,
      {
        message: (channel, payload) => this.receive(channel, payload.toString()),
        up: () => void this.resubscribe(),
        down: ignore,
        overflow: ignore,
      },
      log,
    );
    if (this.link.isUp) void this.resubscribe();
  }

  onCommand(listener: OnCommand): void {
    this.commandListeners.push(listener);
  }

  /** The listener is also called after each (re)connect, because a hint may have been missed. */
  onWake(listener: () => void): void {
    this.wakeListeners.push(listener);
  }

  /** Resolves when Redis has confirmed the subscription: later commands arrive. Idempotent. */
  async watch(companyId: string): Promise<void> {
    const channel = channels.commands(companyId);
    this.companies.set(channel, companyId);
    await this.link.subscribe([channel]);
  }

  async unwatch(companyId: string): Promise<void> {
    const channel = channels.commands(companyId);
    if (this.companies.delete(channel)) await this.link.unsubscribe(channel);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.link.close();
  }

  private async resubscribe(): Promise<void> {
    try {
      await this.link.subscribe([channels.wake, ...this.companies.keys()]);
      for (const listener of this.wakeListeners) listener();
    } catch (err) {
      if (!this.isClosed) this.log.warn({ err }, "resubscribing to commands failed; the next connect repeats it");
    }
  }

  private receive(channel: string, text: string): void {
    if (channel === channels.wake) {
      for (const listener of this.wakeListeners) listener();
      return;
    }
    const companyId = this.companies.get(channel);
    if (companyId === undefined) return;
    const command = SessionCommand.safeParse(parseJson(text));
    if (!command.success) {
      this.log.warn({ companyId }, "dropped a command that matches no schema");
      return;
    }
    const { requestId } = command.data;
    withLogContext(requestId === undefined ? {} : { requestId }, () => {
      for (const listener of this.commandListeners) listener(companyId, command.data);
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
