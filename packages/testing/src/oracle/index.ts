export type { DeliveryGuarantees } from "./check-client.ts";
export { ClientRecord, type Reader } from "./client-record.ts";
export { Oracle } from "./oracle.ts";
export { isMeantFor, labelOf, type NumberedEvent } from "./publication-ledger.ts";
export { Random } from "./random.ts";
