import { EnvironmentError } from "./environment.ts";
import { Lifecycle } from "./lifecycle.ts";
import { createLogger, type Logger } from "./logger.ts";

const stopDeadlineMs = 15_000;

/** Runs a service: start errors and unhandled rejections are said once and end the process with exit code 1; signals stop it in order. */
export function main(name: string, run: (context: { log: Logger; lifecycle: Lifecycle }) => Promise<void>): void {
  const log = createLogger({ service: name, level: process.env.LOG_LEVEL || "info" });
  const lifecycle = new Lifecycle(log, stopDeadlineMs);
  const die = (err: unknown, what: string) => {
    log.fatal({ err }, what);
    process.exitCode = 1;
    setTimeout(() => process.exit(1), 1_000).unref();
    void lifecycle.stop().finally(() => process.exit(1));
  };
  process.on("unhandledRejection", (err) => die(err, "unhandled rejection"));
  process.on("uncaughtException", (err) => die(err, "uncaught exception"));
  lifecycle.listenToSignals();
  run({ log, lifecycle }).catch((err: unknown) => {
    if (err instanceof EnvironmentError) {
      process.stderr.write(`${name}: ${err.message}\n`);
      process.exit(1);
    }
    die(err, "start failed");
  });
}
