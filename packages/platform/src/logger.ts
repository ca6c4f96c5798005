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

/** JSON lines on stdout. Credentials are cut out by name, one level deep too; message text and numbers are never logged by anybody. */
export function createLogger(options: { service: string; level: string; destination?: DestinationStream }): Logger {
  const settings = {
    base: { service: options.service },
    level: options.level,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: credentials.flatMap((name) => [name, `*.${name}`]), censor: "[redacted]" },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}
