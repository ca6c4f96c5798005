import { queues, ringJobName, ringJobOptions } from "@syszap/contracts";
import { connectRedis, createLogger, whenReady } from "@syszap/platform";
import { Queue } from "bullmq";
import type { OutboundTimes } from "../../src/outbound/times.ts";
import { ScriptedEngine } from "./scripted-engine.ts";
import type { World } from "./world.ts";

/** A connected session with a chat; `ring` is what the API does after it stored a row. */
export async function connected(world: World, times: Partial<OutboundTimes> = {}) {
  const companyId = await world.company();
  const engine = new ScriptedEngine();
  const connector = await world.connector("a", { engines: { simulator: engine.create }, times: { outbound: times } });
  const { id: sessionId } = await world.session(companyId);
  await world.status(sessionId, "connected");
  const { queue, chat } = await world.chat(companyId, sessionId);
  return { companyId, sessionId, engine, queue, chat, connector };
}

export async function ring(world: World, sessionId: string): Promise<void> {
  const redis = connectRedis(world.redisUrl, "queue-producer", createLogger({ service: "test", level: "silent" }));
  await whenReady(redis);
  const bell = new Queue(queues.outboundMessages(sessionId), { connection: redis });
  await bell.add(ringJobName, {}, ringJobOptions);
  await bell.close();
  redis.disconnect();
}

export const statusOf = (world: World, id: string, status: string) =>
  world.event("message_status", ({ data }) => data.Id === id && data.Status === status);

/** The bodies that the engine was asked to send, in order. */
export const bodiesSent = (engine: ScriptedEngine): (string | undefined)[] =>
  engine.asked.all.flatMap(({ what, message }) => (what === "send" ? [(message as { body?: string }).body] : []));
