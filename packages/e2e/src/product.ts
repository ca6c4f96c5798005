import { join } from "node:path";
import { type Run, startProduct, stopAndRemove } from "@syszap/testing/product";
import { freePort, refusedByRedis } from "@syszap/testing/servers";
import type { TestProject } from "vitest/node";
import { scratchFolder } from "./scratch.ts";

export { checkout, type Product, type Run, readRun, startProduct, stopAndRemove } from "@syszap/testing/product";

declare module "vitest" {
  interface ProvidedContext {
    run: Run;
    dataDirectory: string;
    /** The product sends its e-mails to this port of loopback, where the fixture `mailbox` receives them. */
    smtpPort: number;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const scratch = await scratchFolder();
  const dataDirectory = join(scratch, "data");
  const smtpPort = await freePort();
  const product = await startProduct({ dataDirectory, env: { SMTP_URL: `smtp://127.0.0.1:${smtpPort}` } });
  project.provide("run", product.run);
  project.provide("dataDirectory", dataDirectory);
  project.provide("smtpPort", smtpPort);
  return async () => {
    const refused = await refusedByRedis(product.run.redisUrl).finally(() => stopAndRemove(product, scratch));
    if (refused.length > 0) throw new Error(`deploy/redis/users.acl lacks permissions: ${refused.join(", ")}`);
  };
}
