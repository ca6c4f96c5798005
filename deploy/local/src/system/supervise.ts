import { exitWithError, print } from "../console.ts";
import { OptionsError, parseOptions } from "../options.ts";
import { dataPathsIn } from "../paths.ts";
import { demoLogins, demoOperator, demoPassword } from "./demo.ts";
import { LocalSystem, StoppedError } from "./local-system.ts";

/** Ctrl-C under npm delivers SIGINT twice within 2 ms. A signal later than this is a second Ctrl-C. */
const repeatedSignalMs = 1_000;

/** Runs everything until SIGINT, SIGTERM or SIGHUP, then stops it in order and exits. A second signal kills everything. */
export async function supervise(args: string[], mode: { isDevelopment: boolean }): Promise<void> {
  const startedAt = performance.now();
  const options = read(args);
  const system = new LocalSystem(options, mode.isDevelopment);
  stopOnSignals(system);
  try {
    const run = await system.start();
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    const logs = dataPathsIn(options.dataDirectory).logs;
    print(`\n  sysZap is running (started in ${seconds} s)\n`);
    print(`  Inbox    ${run.url}`);
    for (const { email, role } of demoLogins) print(`  Login    ${email.padEnd(24)} ${demoPassword}   (${role})`);
    print(`  Operator ${demoOperator.email.padEnd(24)} ${demoPassword}   ${run.url}/operator`);
    if (run.phonePageUrl !== undefined) {
      print(`  Phone    ${run.phonePageUrl}   (stand-in for WhatsApp: scan, write, read, unlink, go offline)`);
    }
    print("  Command  npm run syszap -- company list     (npm run syszap -- --help shows all)");
    print(`  Logs     ${logs}`);
    print("  Ctrl-C stops everything.\n");
  } catch (err) {
    if (err instanceof StoppedError) return;
    await system.stop();
    exitWithError(err);
  }
}

function read(args: string[]) {
  try {
    return parseOptions(args);
  } catch (err) {
    if (err instanceof OptionsError) exitWithError(err);
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
    print("Stopping …");
    void system.stop().then(
      () => process.exit(0),
      (err) => exitWithError(err),
    );
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
}
