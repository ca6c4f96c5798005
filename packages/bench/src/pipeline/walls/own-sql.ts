import { connectDatabase } from "@syszap/database";
import { nextMessages } from "../environment/next-messages.ts";
import { storeMessages } from "./store-messages.ts";
import type { WallCommand } from "./walls.ts";

const count = 16_000;
/** Batch size of the busy worker with this number of companies. */
const batchSize = 50;

process.once("message", async ({ appUrl, systemUrl, tenants }: WallCommand) => {
  const publish = async () => undefined;
  const database = connectDatabase({ appUrl, systemUrl, maxConnections: tenants.length, isLookupsOnly: true, publish });
  const lines = tenants.map((tenant) => nextMessages([tenant], count / tenants.length));
  const startedAt = performance.now();
  await Promise.all(
    lines.map(async (jobs) => {
      for (let from = 0; from < jobs.length; from += batchSize) {
        const batch = jobs.slice(from, from + batchSize);
        await database.withCompany(batch[0]?.companyId ?? "", (unit) => storeMessages(unit, batch));
      }
    }),
  );
  const perSecond = count / ((performance.now() - startedAt) / 1_000);
  await database.close();
  process.send?.({ perSecond });
});
