/** Every Redis name, said once. Braces are literal: keys of one company share a hash tag, so they live on one node. */
export const channels = {
  company: (companyId: string) => `rt:{${companyId}}`,
  everyone: "rt:all",
  /** Braced like the others: its log and head must live on the same node of a Cluster. */
  control: "rt:{control}",
  commands: (companyId: string) => `cmd:{${companyId}}`,
  wake: "cmd:wake",
} as const;

export const keys = {
  log: (channel: string) => `${channel}:log`,
  head: (channel: string) => `${channel}:head`,
  once: (channel: string) => `${channel}:once`,
  /** Position of each id in `once`, so that publishing an id again answers with its first one. */
  places: (channel: string) => `${channel}:places`,
  fence: (companyId: string) => `rt:{${companyId}}:fence`,
  qr: (companyId: string, sessionId: string) => `rt:{${companyId}}:qr:${sessionId}`,
  pairingCode: (companyId: string, sessionId: string) => `rt:{${companyId}}:pairing:${sessionId}`,
  /** Ticket ids that were used: single use by SET NX. */
  ticket: (jti: string) => `rt:ticket:${jti}`,
  revoked: "rt:revoked",
  /** By user: the company's `seq` when the user's rights changed. A cursor from before is not resumed. */
  rights: (companyId: string) => `rt:{${companyId}}:rights`,
  /** A gateway's heartbeat with its counts, and the set of gateways that are alive; read and written together, so on one node. */
  gateway: (gatewayId: string) => `rt:{gateways}:${gatewayId}`,
  gateways: "rt:{gateways}",
  /** Attempts of one caller within a limit's window; `caller` is a digest, never an address. */
  attempts: (limit: string, caller: string) => `rate:${limit}:${caller}`,
  /** Which Redis has what was published lately: another one, or none, means that it has to be published again. */
  replayed: "rt:replayed",
  /** Held for a second by whoever announces a company's live statistics. */
  statsTurn: (companyId: string) => `rt:{${companyId}}:stats`,
} as const;

export const queues = {
  inboundMessages: "inbound-messages",
  /** Rings for the session's owner; the rows to send are in Postgres. */
  outboundMessages: (sessionId: string) => `outbound-messages_${sessionId}`,
  /** No queue of its own: what dead letters call messages that could not be sent, whichever the session. */
  outboundLetters: "outbound-messages",
} as const;
