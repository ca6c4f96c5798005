export { type BuiltService, type BuiltServiceOptions, startBuiltService } from "./built-service.ts";
export { ensureDatabase } from "./ensure-database.ts";
export { freePort } from "./free-port.ts";
export { type OwnedProcess, type OwnedProcessOptions, startOwnedProcess } from "./owned-process.ts";
export { type LocalPostgres, type PostgresOptions, startPostgres } from "./postgres-server.ts";
export { findRedisServer, type LocalRedis, type RedisOptions, startRedis } from "./redis-server.ts";
export { type S3Server, startS3 } from "./s3-server.ts";
