export { ClientRecord, type Reader } from "./client-record.ts";
export type { Promises } from "./judge-client.ts";
export { Oracle } from "./oracle.ts";
export { labelOf, type NumberedEvent } from "./publication-book.ts";
export { Random } from "./random.ts";
