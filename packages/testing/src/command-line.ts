import { type ParseArgsConfig, parseArgs } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Parsed<Chosen extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; allowPositionals: true; options: Chosen }>
>;

/** A wrong command line. Its message is printed together with the usage, without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Parses the arguments of a command for developers and runs it. `--help` prints the usage only. Every error is printed to stderr and
 * sets the exit code 1.
 */
export async function runCommandLine<Chosen extends Options>(
  { args, options, usage }: { args: string[]; options: Chosen; usage: string },
  run: (parsed: Parsed<Chosen>) => Promise<void>,
): Promise<void> {
  try {
    if (args.includes("--help")) return void process.stdout.write(`${usage}\n`);
    await run(parse(args, options));
  } catch (err) {
    const text =
      err instanceof UsageError ? `${err.message}\n\n${usage}` : String((err instanceof Error && err.stack) || err);
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  }
}

/** The value of an option that must be a whole number. Throws `UsageError`. */
export function wholeNumber(option: string, value: string, min = 0): number {
  if (/^\d{1,9}$/.test(value) && Number(value) >= min) return Number(value);
  throw new UsageError(`--${option} takes a whole number from ${min}, not "${value}".`);
}

function parse<Chosen extends Options>(args: string[], options: Chosen): Parsed<Chosen> {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (err) {
    throw new UsageError(err instanceof Error ? err.message : String(err), { cause: err });
  }
}
