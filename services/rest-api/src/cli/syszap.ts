import { runCommandLine } from "./run-command-line.ts";

/** Entry of the command line: `node dist/cli/syszap.js <command>`. */
const code = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  out: (text) => process.stdout.write(`${text}\n`),
  error: (text) => process.stderr.write(`${text}\n`),
});
// `exit`, because a Redis that is not reachable would keep the process alive.
process.exit(code);
