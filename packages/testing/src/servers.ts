export { type NginxOptions, type NginxServer, startNginx } from "./nginx/nginx-server.ts";
export { ensureDatabase } from "./postgres/ensure-database.ts";
export { type LocalPostgres, type PostgresOptions, startPostgres } from "./postgres/postgres-server.ts";
export { type BuiltService, type BuiltServiceOptions, startBuiltService } from "./processes/built-service.ts";
export { findProgram } from "./processes/find-program.ts";
export { freePort } from "./processes/free-port.ts";
export { type OwnedProcess, type OwnedProcessOptions, startOwnedProcess } from "./processes/owned-process.ts";
export { type LocalRedisCluster, startRedisCluster } from "./redis/redis-cluster.ts";
export { type LocalSentinel, startRedisWithSentinel } from "./redis/redis-sentinel.ts";
export {
  findRedisServer,
  type LocalRedis,
  type RedisOptions,
  refusedByRedis,
  startRedis,
} from "./redis/redis-server.ts";
export { type S3TestServer, startS3TestServer } from "./s3/s3-test-server.ts";
export { startTokenIssuer, type TicketHolder, type TokenIssuer } from "./token-issuer.ts";
