import { openMediaStore, openPrivateStore } from "@syszap/media-store";
import {
  accountKeyPurpose,
  connectRedis,
  createLogger,
  loadEnvironment,
  masterKeys,
  mediaEnvironment,
  mediaSettings,
  postgresUrl,
  profileKeyPurpose,
  redisUrl,
  sessionKeyPurpose,
  whenReady,
} from "@syszap/platform";
import { resultWithin } from "@syszap/platform/async";
import { z } from "zod";
import { makeBackup } from "../backup/make-backup.ts";
import { restoreBackup } from "../backup/restore-backup.ts";
import { ProblemError } from "../problem.ts";
import type { Command } from "./command-line.ts";

const password = () => z.string().min(16, "must have at least 16 characters");

const BackupEnvironment = z.object({
  ...mediaEnvironment,
  /** Of the role `syszap_backup`, without a pooler. */
  BACKUP_DATABASE_URL: postgresUrl(),
  SYSZAP_VERSION: z.string().max(100).default("unknown"),
});

const RestoreEnvironment = z.object({
  ...mediaEnvironment,
  OWNER_DATABASE_URL: postgresUrl(),
  APP_DATABASE_PASSWORD: password(),
  SYSTEM_DATABASE_PASSWORD: password(),
  BACKUP_DATABASE_PASSWORD: password().optional(),
  REDIS_URL: redisUrl(),
  ACCOUNT_ENCRYPTION_KEY: masterKeys(accountKeyPurpose).optional(),
  SESSION_ENCRYPTION_KEY: masterKeys(sessionKeyPurpose).optional(),
  PROFILE_ENCRYPTION_KEY: masterKeys(profileKeyPurpose).optional(),
});

/** Larger than any archive of a profile. */
const profileLimitBytes = 1024 ** 3;
const redisTimeoutMs = 5_000;
const Keep = z.coerce.number("must be a whole number").int().min(1, "must be at least 1").optional();

async function openStores(env: z.infer<typeof BackupEnvironment> | z.infer<typeof RestoreEnvironment>) {
  const settings = mediaSettings(env);
  return {
    media: await openMediaStore(settings),
    profiles: await openPrivateStore(settings, { limitBytes: profileLimitBytes }),
  };
}

/** Commands that work without services, and read other environment variables than the others. */
export const backupCommands: Record<string, Command<NodeJS.ProcessEnv>> = {
  backup: {
    summary: "back up database, files and profiles into a folder, while everything runs",
    options: { to: { value: "DIR", isRequired: true }, keep: { value: "N" } },
    run: async (variables, input) => {
      const keep = input.parse("keep", Keep);
      const env = loadEnvironment(BackupEnvironment, variables);
      const manifest = await makeBackup({
        ...(await openStores(env)),
        directory: input.text("to"),
        databaseUrl: env.BACKUP_DATABASE_URL,
        version: env.SYSZAP_VERSION,
        keep,
      });
      const { folder, files, database, keys, missing } = manifest;
      const lines = [
        `Backup complete: ${folder}`,
        `Database: ${database.size} bytes compressed. Files: ${files.count}, ${files.bytes} bytes.`,
        keys.length === 0
          ? "It needs no keys."
          : "Keep these keys elsewhere; without them, parts of the backup cannot be read:",
        ...keys.map(({ variable, id }) => `  ${variable}: fingerprint ${id}`),
        ...(missing.length > 0
          ? [
              `${missing.length} files are missing in the store, so they are not in the backup; manifest.json lists them.`,
            ]
          : []),
      ];
      return { text: lines.join("\n"), json: manifest };
    },
  },
  restore: {
    summary: "restore a backup into an empty database; --replace deletes what the database contains",
    argument: "BACKUP",
    options: { replace: {} },
    run: async (variables, input) => {
      const env = loadEnvironment(RestoreEnvironment, variables);
      const log = createLogger({ service: "syszap", level: "error", destination: process.stderr });
      const redis = connectRedis(env.REDIS_URL, "command", log);
      try {
        const isReady = await resultWithin(
          whenReady(redis).then(() => true),
          redisTimeoutMs,
        );
        if (!isReady)
          throw new ProblemError("unavailable", "Redis does not answer. Check REDIS_URL, and that Redis is running.");
        const manifest = await restoreBackup({
          ...(await openStores(env)),
          folder: input.argument,
          ownerUrl: env.OWNER_DATABASE_URL,
          appPassword: env.APP_DATABASE_PASSWORD,
          systemPassword: env.SYSTEM_DATABASE_PASSWORD,
          backupPassword: env.BACKUP_DATABASE_PASSWORD,
          redis,
          keys: {
            ACCOUNT_ENCRYPTION_KEY: env.ACCOUNT_ENCRYPTION_KEY,
            SESSION_ENCRYPTION_KEY: env.SESSION_ENCRYPTION_KEY,
            PROFILE_ENCRYPTION_KEY: env.PROFILE_ENCRYPTION_KEY,
          },
          mayReplace: input.isOn("replace"),
        });
        return {
          text: `Restored the backup of ${manifest.createdAt} (${manifest.files.count} files). Start the services now.`,
          json: manifest,
        };
      } finally {
        redis.disconnect();
      }
    },
  },
};
