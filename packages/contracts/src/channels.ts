/**
 * Names of all Redis channels and keys. Braces are literal: they mark the hash tag, so that all keys with the same tag are on the
 * same node of a Cluster.
 */
export const channels = {
  company: (companyId: string) => `rt:{${companyId}}`,
  everyone: "rt:all",
  control: "rt:{control}",
  commands: (companyId: string) => `cmd:{${companyId}}`,
  wake: "cmd:wake",
} as const;

export const keys = {
  log: (channel: string) => `${channel}:log`,
  head: (channel: string) => `${channel}:head`,
  /** List of `<seq> <time> <bytes>` of the log, oldest first: shows which entries are older than a time or beyond a size. */
  checkpoints: (channel: string) => `${channel}:checkpoints`,
  /** Hash from each recently published event id to its log position. Publishing an id again returns that position. */
  positions: (channel: string) => `${channel}:places`,
  /** The ids of the previous period: `positions` is renamed to it after ten minutes (decision 057). */
  olderPositions: (channel: string) => `${channel}:places-older`,
  /** Hash from each session to the newest lease generation that published. */
  fence: (companyId: string) => `rt:{${companyId}}:fence`,
  qr: (companyId: string, sessionId: string) => `rt:{${companyId}}:qr:${sessionId}`,
  pairingCode: (companyId: string, sessionId: string) => `rt:{${companyId}}:pairing:${sessionId}`,
  /** Marks a ticket as used (SET NX): a ticket opens one connection. */
  ticket: (jti: string) => `rt:ticket:${jti}`,
  /** Sorted set of revoked logins, by the end of the revocation. */
  revoked: "rt:revoked",
  /**
   * Hash from each user or role whose rights changed (`<name>`), and each user or team that lost a chat (`gone:<name>`), to the `seq`
   * of the newest such event. Older cursors cannot be resumed.
   */
  rights: (companyId: string) => `rt:{${companyId}}:rights`,
  rightsOf: (channel: string) => `${channel}:rights`,
  /** Heartbeat and connection counts of one gateway. Shares the hash tag of `gateways`: both are written in one pipeline. */
  gateway: (gatewayId: string) => `rt:{gateways}:${gatewayId}`,
  /** Hash from each company to the latencies of its recent events on one gateway. */
  gatewayLatencies: (gatewayId: string) => `rt:{gateways}:${gatewayId}:latencies`,
  /** Sorted set of live gateways, by their last heartbeat. */
  gateways: "rt:{gateways}",
  /** Sorted set of the running processes, as JSON, by their last heartbeat. */
  instances: "rt:{instances}",
  /** Set of the users whose pages answered a `presence_check`. */
  present: (companyId: string, checkId: string) => `rt:{${companyId}}:present:${checkId}`,
  /** Attempts of one caller within the window of a rate limit. `caller` is a digest, never an address. */
  attempts: (limit: string, caller: string) => `rate:${limit}:${caller}`,
  /** Marker: the Redis to which recent events were last published again, and until when it is known to be complete (decision 022). */
  replayed: "rt:replayed",
  /** One-second lock of the gateway that publishes a company's live statistics. */
  statsLock: (companyId: string) => `rt:{${companyId}}:stats`,
} as const;

export const queues = {
  inboundMessages: "inbound-messages",
  /** Not a queue: the queue name in dead letters of messages that could not be sent, for all sessions. */
  outboundLetters: "outbound-messages",
} as const;
