import { createLogger } from "@syszap/platform";
import { z } from "zod";
import { migrate } from "./migrate.ts";
import { MigrationBlockedError } from "./migrating/run-migrations.ts";

const Environment = z.object({
  OWNER_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// URL" }),
  APP_DATABASE_PASSWORD: z.string().min(16, "must have at least 16 characters"),
  SYSTEM_DATABASE_PASSWORD: z.string().min(16, "must have at least 16 characters"),
  /** Empty: nobody can sign in as the role that makes backups. */
  BACKUP_DATABASE_PASSWORD: z.union([z.literal(""), z.string().min(16, "must have at least 16 characters")]).optional(),
});

/** Run by a deployment before it starts services: `node dist/migrate-command.js`. */
const environment = Environment.safeParse(process.env);
if (!environment.success) {
  const faults = environment.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
  process.stderr.write(`migrate: Invalid environment\n${faults.join("\n")}\n`);
  process.exit(1);
}
const log = createLogger({ service: "migrate", level: "info" });
try {
  await migrate({
    ownerUrl: environment.data.OWNER_DATABASE_URL,
    appPassword: environment.data.APP_DATABASE_PASSWORD,
    systemPassword: environment.data.SYSTEM_DATABASE_PASSWORD,
    backupPassword: environment.data.BACKUP_DATABASE_PASSWORD || undefined,
    log,
  });
} catch (error) {
  if (!(error instanceof MigrationBlockedError)) throw error;
  process.stderr.write(`migrate: ${error.message}\n`);
  process.exit(1);
}
log.info("the database is up to date");
