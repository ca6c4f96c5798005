import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommandLine, UsageError } from "@syszap/testing/command-line";
import { readEnvironment } from "../compose-file.ts";
import { exitWithError } from "../console.ts";
import { environmentFile, environmentOnMachine } from "../environment-file.ts";
import { root } from "../paths.ts";

const usage = `npm run --silent environment -- SERVICE [--env FILE] [--data DIR] [--postgres HOST:PORT] [--redis HOST:PORT]
  prints the environment of a service for a process on this machine, from a file that \`syszap init\` wrote (.env).
  SERVICE is a service of docker-compose.yml. docs/operations/install-bare.md explains the steps.`;

const options = {
  env: { type: "string", default: join(root, ".env") },
  data: { type: "string", default: "/var/lib/syszap" },
  postgres: { type: "string", default: "127.0.0.1:5432" },
  redis: { type: "string", default: "127.0.0.1:6379" },
} as const;

/** `npm run environment -- SERVICE`. */
export const run = (args: string[]): Promise<void> =>
  runCommandLine({ args, options, usage }, async ({ values, positionals }) => {
    const [service] = positionals;
    if (service === undefined) throw new UsageError("Name a service.");
    try {
      const { env, ...machine } = values;
      const variables = readEnvironment(readFileSync(env, "utf8"));
      process.stdout.write(environmentFile(environmentOnMachine(service, { ...machine, variables })));
    } catch (error) {
      exitWithError(error);
    }
  });
