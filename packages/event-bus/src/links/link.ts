export interface LinkEvents {
  message(channel: string, payload: Buffer): void;
  /** The whole link is connected (again). No channel is subscribed yet. */
  up(): void;
  /** Part of the link is lost, or a channel has moved to another node. Messages may be missed from here on. */
  down(): void;
  /** The inbox exceeded its limit and was discarded. Every channel must be compared with its head. */
  overflow(): void;
}

/** The connections that subscribe: one to a single Redis, or one to each node of a Cluster. */
export interface SubscriptionLink {
  readonly isUp: boolean;
  /** True while a ping is overdue. A link that stays silent is reconnected. */
  readonly isSilent: boolean;
  /** Resolves when Redis has confirmed all channels. Idempotent. */
  subscribe(channels: readonly string[]): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  close(): void;
}
