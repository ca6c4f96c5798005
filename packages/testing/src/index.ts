export { Authenticator } from "./data/authenticator.ts";
export { example, exampleEvent } from "./data/example.ts";
export { missingMetrics } from "./data/monitored-metrics.ts";
export { naughtyStrings, unstorableStrings } from "./data/naughty-strings.ts";
export * from "./servers.ts";
export { type DatabaseUrls, databaseTest } from "./vitest/database-test.ts";
export { redisTest } from "./vitest/redis-test.ts";
