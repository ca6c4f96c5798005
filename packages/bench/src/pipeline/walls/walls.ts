import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { PipelineEnvironment, Tenant } from "../environment/pipeline-environment.ts";

/** What a process that measures one wall is told. */
export interface WallCommand {
  redisUrl: string;
  appUrl: string;
  systemUrl: string;
  tenants: Tenant[];
}

/** BullMQ with the settings of our worker and nothing to do, in a process of its own. */
export const messagesPerSecondThroughEmptyHandler = (environment: PipelineEnvironment) =>
  measure("empty-handler.ts", environment);

/** The statements of our worker's transactions in batches of its size, without queue and bus, in a process of its own. */
export const messagesPerSecondInSql = (environment: PipelineEnvironment) => measure("own-sql.ts", environment);

async function measure(file: string, { redisUrl, urls, tenants }: PipelineEnvironment): Promise<number> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)));
  const command: WallCommand = { redisUrl, appUrl: urls.appUrl, systemUrl: urls.systemUrl, tenants };
  child.send(command);
  const answered = once(child, "message") as Promise<[{ perSecond: number }]>;
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${file} ended with ${code} before it answered`);
  });
  const [{ perSecond }] = await Promise.race([answered, ended]);
  ended.catch(() => undefined);
  child.disconnect();
  return perSecond;
}
