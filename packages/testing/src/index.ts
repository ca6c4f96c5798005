export { type DatabaseUrls, databaseTest } from "./database-test.ts";
export { example, exampleEvent } from "./example.ts";
export { missingMetrics } from "./monitored-metrics.ts";
export { naughtyStrings, unstorableStrings } from "./naughty-strings.ts";
export { redisTest } from "./redis-test.ts";
export * from "./servers.ts";
