export { acceptQueue } from "./accept-queue.ts";
export { checkLiteral, ForbiddenAddressError, guardedLookup } from "./address-guard.ts";
export { drainEnvironment } from "./drain-environment.ts";
export { mediaEnvironment, mediaSettings } from "./environment/media-environment.ts";
export { pushEnvironment } from "./environment/push-environment.ts";
export { logRetention, resumeLogEnvironment } from "./environment/resume-log-environment.ts";
export {
  baseEnvironment,
  connectionLimit,
  EnvironmentError,
  flag,
  list,
  loadEnvironment,
  postgresUrl,
  queueRedisUrl,
  redisUrl,
  secret,
} from "./environment.ts";
export { Health, type HealthReport } from "./health.ts";
export { Lifecycle } from "./lifecycle.ts";
export { currentLogContext, type LogContext, withLogContext } from "./log-context.ts";
export { createLogger, type Logger } from "./logger.ts";
export { type MasterKey, MasterKeys, masterKeyIdBytes, masterKeys } from "./master-keys.ts";
export { createMetrics, delayBuckets, type Metrics } from "./metrics.ts";
export { opsHandler, startOpsServer } from "./ops-server.ts";
export { canonicalNumber } from "./phone-number.ts";
export { createPrivateDirectory } from "./private-directory.ts";
export { main } from "./process.ts";
export { isPublicAddress, mayBePublicHost, webhookEnvironment } from "./public-address.ts";
export { connectRedis, type RedisClient, type RedisOf, type RedisRole, whenReady } from "./redis.ts";
export { accountKeyPurpose, profileKeyPurpose, SealedSecrets, sessionKeyPurpose } from "./sealed-secrets.ts";
export { serviceVersion } from "./service-version.ts";
export { StartError } from "./start-error.ts";
