import { BackupSourceError, isDatabaseUnavailable } from "@syszap/database";
import { EnvironmentError } from "@syszap/platform";
import { ProblemError } from "../problem.ts";
import { backupCommands } from "./backup-commands.ts";
import { type Command, type Input, type Output, parseInput, UsageError, usageOf } from "./command-line.ts";
import { companyCommands } from "./company-commands.ts";
import { connectorCommands } from "./connector-commands.ts";
import { type Context, openContext } from "./context.ts";
import { operatorCommands } from "./operator-commands.ts";
import { statusCommand } from "./status-command.ts";
import { timelineCommand } from "./timeline-command.ts";
import { userCommands } from "./user-commands.ts";

/** A command that opens what it needs by itself. */
type RunnableCommand = Command<NodeJS.ProcessEnv>;

const commands: Record<string, RunnableCommand> = {
  ...withContext({
    ...companyCommands,
    ...userCommands,
    ...operatorCommands,
    ...connectorCommands,
    status: statusCommand,
    timeline: timelineCommand,
  }),
  ...backupCommands,
};

/** Opens the parts of the service before each command, and closes them after it. */
function withContext(commandsOfContext: Record<string, Command<Context>>): Record<string, RunnableCommand> {
  const run =
    (command: Command<Context>) =>
    async (env: NodeJS.ProcessEnv, input: Input): Promise<Output> => {
      const context = await openContext(env);
      try {
        return await command.run(context, input);
      } finally {
        await context.close();
      }
    };
  return Object.fromEntries(
    Object.entries(commandsOfContext).map(([name, command]) => [name, { ...command, run: run(command) }]),
  );
}

/** 1: refused. 2: the command line is invalid. 3: the environment is invalid, or Postgres does not answer. */
const exitCodes = { refused: 1, usage: 2, unavailable: 3 };

const help = `Manages companies, people and operators of a sysZap installation.

${Object.entries(commands)
  .map(([name, command]) => `  ${usageOf(name, command)}\n      ${command.summary}`)
  .join("\n")}

COMPANY is the id or the complete name, CONNECTOR the id that "connector list" shows, MESSAGE the id of a message. Every command accepts --json. Connects by the environment variables of rest-api; docker-compose.yml lists those of backup and restore.`;

/** Where a command reads its environment and writes to. */
interface CommandIo {
  env: NodeJS.ProcessEnv;
  out: (text: string) => void;
  error: (text: string) => void;
}

/** Runs one command and resolves with the exit code. */
export async function runCommandLine(args: string[], io: CommandIo): Promise<number> {
  try {
    return await run(args, io);
  } catch (error) {
    return report(error, io);
  }
}

async function run(args: string[], { env, out }: CommandIo): Promise<number> {
  const found = Object.keys(commands).find((name) => name.split(" ").every((word, index) => args[index] === word));
  const command = found === undefined ? undefined : commands[found];
  const wantsHelp = args.length === 0 || args.includes("--help") || args[0] === "help";
  if (found === undefined || !command) {
    if (!wantsHelp) throw new UsageError(`"${args.slice(0, 2).join(" ")}" is not a command.`);
    out(help);
    return args.length === 0 ? exitCodes.usage : 0;
  }
  if (wantsHelp) {
    out(`${usageOf(found, command)}\n${command.summary}`);
    return 0;
  }
  const input = parseInput(found, command, args.slice(found.split(" ").length));
  const { text, json } = await command.run(env, input);
  out(input.isOn("json") ? JSON.stringify(json, null, 2) : text);
  return 0;
}

function report(error: unknown, { error: write }: CommandIo): number {
  if (error instanceof UsageError) {
    write(`${error.message}\nAll commands: syszap --help`);
    return exitCodes.usage;
  }
  if (error instanceof ProblemError || error instanceof BackupSourceError) {
    write(error.message);
    return exitCodes.refused;
  }
  if (error instanceof EnvironmentError) {
    write(error.message);
    return exitCodes.unavailable;
  }
  if (isDatabaseUnavailable(error)) {
    write("Postgres does not answer. Check DATABASE_URL and SYSTEM_DATABASE_URL, and that the database is running.");
    return exitCodes.unavailable;
  }
  write(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return exitCodes.refused;
}
