import { migrate, migrations } from "../../src/index.ts";
import { buildIndex } from "../../src/migrations/build-index.ts";
import type { Migration } from "../../src/migrations/migration.ts";

const { OWNER_URL = "", APP_PASSWORD = "", SYSTEM_PASSWORD = "", KILL_AT } = process.env;
let statements = 0;

/** Kills the process, as `kill -9` does, when `KILL_AT` statements of migrations have run. */
function withKill({ up, ...rest }: Migration): Migration {
  return {
    ...rest,
    up: (knex) =>
      up(
        new Proxy(knex, {
          get: (target, property) => {
            if (property !== "raw") return Reflect.get(target, property);
            return async (...args: [string]) => {
              const result = await target.raw(...args);
              statements += 1;
              if (statements === Number(KILL_AT)) process.kill(process.pid, "SIGKILL");
              return result;
            };
          },
        }),
      ),
  };
}

export const withIndex: Record<string, Migration> = {
  ...migrations,
  "999-index": {
    isOnline: true,
    up: (knex) => buildIndex(knex, { name: "clients_tried", definition: "on clients (company_id, created_at)" }),
    down: async () => undefined,
  },
};

if (OWNER_URL !== "") {
  const chosen = KILL_AT === undefined ? withIndex : migrations;
  await migrate({
    ownerUrl: OWNER_URL,
    appPassword: APP_PASSWORD,
    systemPassword: SYSTEM_PASSWORD,
    migrations: Object.fromEntries(Object.entries(chosen).map(([name, each]) => [name, withKill(each)])),
  });
}
