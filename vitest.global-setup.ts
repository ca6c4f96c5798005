import { createGlobalSetup, type Migrate } from "@syszap/testing/global-setup";

const database = await import("@syszap/database").catch(() => undefined);
const migrate: Migrate = (options) =>
  (database as { migrate?: Migrate } | undefined)?.migrate?.(options) ?? Promise.resolve();

export const setup = createGlobalSetup(migrate);
