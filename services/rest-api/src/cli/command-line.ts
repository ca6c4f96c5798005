import { parseArgs } from "node:util";
import type { z } from "zod";

/** An invalid command line. The message names the command's usage. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

interface Option {
  /** Shown in the usage, such as `NAME`. Absent: the option is a switch. */
  value?: string;
  isRequired?: boolean;
}
type Options = Record<string, Option>;

/** What a command prints: text for people, and the same facts as JSON for programs. */
export interface Output {
  text: string;
  json: unknown;
}

export interface Command<Context> {
  summary: string;
  /** Name of the argument after the command, such as `COMPANY`. Absent: the command has none. */
  argument?: string;
  options?: Options;
  run: (context: Context, input: Input) => Promise<Output>;
}

/** The parsed arguments of a command. Missing required ones are refused before. */
export class Input {
  constructor(
    readonly argument: string,
    private readonly values: Record<string, string | boolean | undefined>,
  ) {}

  text(name: string): string {
    return String(this.values[name] ?? "");
  }

  isOn(name: string): boolean {
    return this.values[name] === true;
  }

  /** Parses an option with the schema that the REST API uses. Undefined when the option is absent. */
  parse<Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> {
    const result = schema.safeParse(this.values[name]);
    if (result.success) return result.data;
    throw new UsageError(`--${name}: ${result.error.issues[0]?.message ?? "is not valid"}`);
  }
}

const common: Options = { json: {}, help: {} };

/** Parses the arguments after the command's name. Throws `UsageError`. */
export function parseInput(name: string, { argument, options = {} }: Command<never>, args: string[]): Input {
  const all = { ...options, ...common };
  const { values, positionals } = parse(all, args, name);
  const expected = argument === undefined ? 0 : 1;
  if (positionals.length !== expected)
    throw new UsageError(
      expected === 0 ? `"${positionals[0]}" is not expected here.` : `Give one ${argument} after "syszap ${name}".`,
    );
  for (const [option, { isRequired, value }] of Object.entries(options))
    if (isRequired && !values[option]) throw new UsageError(`--${option} ${value} is missing.`);
  return new Input(positionals[0] ?? "", values);
}

function parse(options: Options, args: string[], name: string) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: Object.fromEntries(
        Object.entries(options).map(([key, { value }]) => [key, { type: value ? "string" : "boolean" } as const]),
      ),
    });
  } catch (error) {
    throw new UsageError(`syszap ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function usageOf(name: string, { argument, options = {} }: Command<never>): string {
  const shown = Object.entries(options).map(([option, { value, isRequired }]) => {
    const text = value ? `--${option} ${value}` : `--${option}`;
    return isRequired ? text : `[${text}]`;
  });
  return ["syszap", name, ...(argument ? [argument] : []), ...shown].join(" ");
}
