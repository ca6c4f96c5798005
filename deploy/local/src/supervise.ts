import { demoLogins, demoOperator, demoPassword } from "./demo.ts";
import { OptionsError, parseOptions } from "./options.ts";
import { placesIn } from "./places.ts";
import { giveUp, say } from "./say.ts";
import { LocalSystem, StoppedError } from "./system.ts";

/** Ctrl-C under npm sends the signal twice within 2 ms; a person who insists needs longer than that. */
const repeatedSignalMs = 1_000;

/** Runs everything until a signal comes, then stops it in order and exits. */
export async function supervise(args: string[], mode: { isDevelopment: boolean }): Promise<void> {
  const startedAt = performance.now();
  const options = read(args);
  const system = new LocalSystem(options, mode.isDevelopment);
  stopOnSignals(system);
  try {
    const run = await system.start();
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    const logs = placesIn(options.dataDirectory).logs;
    say(`\n  sysZap is running (started in ${seconds} s)\n`);
    say(`  Inbox    ${run.url}`);
    for (const { email, role } of demoLogins) say(`  Login    ${email.padEnd(24)} ${demoPassword}   (${role})`);
    say(`  Operator ${demoOperator.email.padEnd(24)} ${demoPassword}   (REST only: POST /v1/operator/login)`);
    if (run.phonePageUrl !== undefined) {
      say(`  Phone    ${run.phonePageUrl}   (stand-in for WhatsApp: scan, write, read, unlink, go offline)`);
    }
    say(`  Logs     ${logs}`);
    say("  Ctrl-C stops everything.\n");
  } catch (err) {
    if (err instanceof StoppedError) return;
    await system.stop();
    giveUp(err);
  }
}

function read(args: string[]) {
  try {
    return parseOptions(args);
  } catch (err) {
    if (err instanceof OptionsError) giveUp(err);
    throw err;
  }
}

function stopOnSignals(system: LocalSystem): void {
  let firstAt: number | undefined;
  const onSignal = () => {
    if (firstAt !== undefined) {
      if (Date.now() - firstAt < repeatedSignalMs) return;
      system.kill();
      process.exit(1);
    }
    firstAt = Date.now();
    say("Stopping …");
    void system.stop().then(
      () => process.exit(0),
      (err) => giveUp(err),
    );
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
}
