export type { Publication } from "./chain.ts";
export type { Backlog } from "./channel-reader.ts";
export { CommandSubscriber } from "./command-subscriber.ts";
export { removeCompanyKeys } from "./company-keys.ts";
export { type BusLog, BusUnavailableError } from "./errors.ts";
export { type Header, type Position, parseCursor, splitPayload, toCursor } from "./header.ts";
export {
  type CompanyPresence,
  type ConnectionInfo,
  countConnections,
  readGatewayStats,
  removeGatewayStats,
  writeGatewayStats,
} from "./presence/gateway-stats.ts";
export { announceInstance, type Instance, readInstances } from "./presence/instances.ts";
export { type Latency, LatencyRecorder, type LatencySnapshot, readLatency } from "./presence/latency.ts";
export { notePresent, presentUsers } from "./presence/present-users.ts";
export { revokedAmong } from "./presence/revocations.ts";
export {
  changedAmong,
  checkRights,
  parseRightsClaim,
  type RightsCheck,
  type RightsPosition,
  toRightsClaim,
} from "./presence/rights.ts";
export { type Fence, type PublishedPosition, Publisher } from "./publisher.ts";
export { Replay, type ReplaySource } from "./replay/replay.ts";
export type { PublishedRow } from "./replay/survival-check.ts";
export type { LogRetention } from "./scripts/log-retention.ts";
export { sendRevocations } from "./send-revocations.ts";
export { Subscriber, type SubscriberTimes } from "./subscriber.ts";
export type { SubscriberEvents } from "./subscriber-events.ts";
