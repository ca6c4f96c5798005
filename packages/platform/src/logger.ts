import { hostname } from "node:os";
import { type DestinationStream, type Logger, pino } from "pino";
import { currentLogContext } from "./log-context.ts";
import { serviceVersion } from "./service-version.ts";

export type { Logger } from "pino";

const credentials = [
  "ticket",
  "token",
  "accessToken",
  "refreshToken",
  "password",
  "qrCode",
  "pairingCode",
  "raw",
  "authorization",
  "cookie",
];

/**
 * Creates a logger that writes JSON lines to stdout. Each line names the process (service, version, instance, pid) and, within
 * `withLogContext`, the request, socket or job. Credentials are redacted by property name, at the top level and one level
 * below. Message texts and phone numbers must not be logged.
 */
export function createLogger(options: { service: string; level: string; destination?: DestinationStream }): Logger {
  const settings = {
    base: { service: options.service, version: serviceVersion, instance: hostname(), pid: process.pid },
    level: options.level,
    mixin: () => ({ ...currentLogContext() }),
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: credentials.flatMap((name) => [name, `*.${name}`]), censor: "[redacted]" },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}
