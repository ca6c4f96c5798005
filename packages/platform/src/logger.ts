import { type DestinationStream, type Logger, pino } from "pino";

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
 * Creates a logger that writes JSON lines to stdout. Credentials are redacted by property name, at the top level and one level
 * below. Message texts and phone numbers must not be logged.
 */
export function createLogger(options: { service: string; level: string; destination?: DestinationStream }): Logger {
  const settings = {
    base: { service: options.service },
    level: options.level,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: credentials.flatMap((name) => [name, `*.${name}`]), censor: "[redacted]" },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}
