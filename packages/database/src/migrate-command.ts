import { createLogger, EnvironmentError, loadEnvironment } from "@syszap/platform";
import { z } from "zod";
import { migrate } from "./migrate.ts";
import { MigrationBlockedError } from "./migrating/run-migrations.ts";

const login = (role: string) =>
  z
    .string()
    .regex(new RegExp(`^${role}(_[a-z0-9]{1,20})?$`), `must be ${role}, or begin with ${role}_`)
    .default(role);

const Environment = z.object({
  OWNER_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// URL" }),
  /** Logins of the services. A rotation of passwords uses another name (docs/operations/rotate-secrets.md). */
  APP_DATABASE_USER: login("syszap_app"),
  APP_DATABASE_PASSWORD: z.string().min(16, "must have at least 16 characters"),
  SYSTEM_DATABASE_USER: login("syszap_system"),
  SYSTEM_DATABASE_PASSWORD: z.string().min(16, "must have at least 16 characters"),
  /** `end`: all other logins of both roles are refused from now on. */
  OLD_DATABASE_LOGINS: z.enum(["keep", "end"]).default("keep"),
  /** Unset: nobody can sign in as the role that makes backups. */
  BACKUP_DATABASE_PASSWORD: z.string().min(16, "must have at least 16 characters").optional(),
});

/** Run by a deployment before it starts services: `node dist/migrate-command.js`. */
const log = createLogger({ service: "migrate", level: "info" });
try {
  const environment = loadEnvironment(Environment, process.env);
  await migrate({
    ownerUrl: environment.OWNER_DATABASE_URL,
    appUser: environment.APP_DATABASE_USER,
    systemUser: environment.SYSTEM_DATABASE_USER,
    endsOldLogins: environment.OLD_DATABASE_LOGINS === "end",
    appPassword: environment.APP_DATABASE_PASSWORD,
    systemPassword: environment.SYSTEM_DATABASE_PASSWORD,
    backupPassword: environment.BACKUP_DATABASE_PASSWORD,
    log,
  });
} catch (error) {
  if (!(error instanceof MigrationBlockedError || error instanceof EnvironmentError)) throw error;
  process.stderr.write(`migrate: ${error.message}\n`);
  process.exit(1);
}
log.info("the database is up to date");
