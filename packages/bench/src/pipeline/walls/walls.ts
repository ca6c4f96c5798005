import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { PipelineEnvironment, Tenant } from "../environment/pipeline-environment.ts";

/** Command for a process that measures one wall. */
export interface WallCommand {
  redisUrl: string;
  appUrl: string;
  systemUrl: string;
  tenants: Tenant[];
}

/** Throughput of BullMQ with the worker's settings and an empty handler, in a separate process. */
export const messagesPerSecondThroughEmptyHandler = (environment: PipelineEnvironment) =>
  measure("empty-handler.ts", environment);

/** Throughput of the worker's SQL transactions without queue and event bus, in a separate process. */
export const messagesPerSecondInSql = (environment: PipelineEnvironment) => measure("own-sql.ts", environment);

async function measure(file: string, { redisUrl, urls, tenants }: PipelineEnvironment): Promise<number> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)));
  const command: WallCommand = { redisUrl, appUrl: urls.appUrl, systemUrl: urls.systemUrl, tenants };
  child.send(command);
  const answered = once(child, "message") as Promise<[{ perSecond: number }]>;
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${file} exited with code ${code} before it sent its result.`);
  });
  const [{ perSecond }] = await Promise.race([answered, ended]);
  ended.catch(() => undefined);
  child.disconnect();
  return perSecond;
}
