/** Entry `@syszap/contracts/constants`: values and types without schemas, for browsers. Nothing here may import zod. */
export * from "./audit.ts";
export * from "./close-codes.ts";
export * from "./endpoints.ts";
export * from "./engines.ts";
export * from "./event-types.ts";
export * from "./limits.ts";
export * from "./number-search.ts";
export * from "./page-paths.ts";
export * from "./problems.ts";
export * from "./reasons.ts";
export * from "./sent-files.ts";
export * from "./vocabulary.ts";
