import { Lifecycle } from "./lifecycle.ts";
import { createLogger, type Logger } from "./logger.ts";
import { StartError } from "./start-error.ts";

const stopDeadlineMs = 15_000;

interface ServiceContext {
  log: Logger;
  lifecycle: Lifecycle;
  /** Logs the error and ends the process with exit code 1, after the stop sequence. */
  fail: (err: unknown, message: string) => void;
}

/**
 * Runs a service until a signal stops it. Start errors, uncaught exceptions and unhandled rejections are logged and end the
 * process with exit code 1, after the stop sequence.
 */
export function main(name: string, run: (context: ServiceContext) => Promise<void>): void {
  const log = createLogger({ service: name, level: process.env.LOG_LEVEL || "info" });
  const lifecycle = new Lifecycle(log, stopDeadlineMs);
  const fail = (err: unknown, message: string) => {
    log.fatal({ err }, message);
    process.exitCode = 1;
    setTimeout(() => process.exit(1), 1_000).unref();
    void lifecycle.stop().finally(() => process.exit(1));
  };
  process.on("unhandledRejection", (err) => fail(err, "unhandled rejection"));
  process.on("uncaughtException", (err) => fail(err, "uncaught exception"));
  lifecycle.listenToSignals();
  run({ log, lifecycle, fail }).catch((err: unknown) => {
    if (err instanceof StartError) {
      process.stderr.write(`${name}: ${err.message}\n`);
      process.exit(1);
    }
    fail(err, "start failed");
  });
}
