import { Redis } from "ioredis";
import type { OutboundTimes } from "../../src/outbound/times.ts";
import { ScriptedEngine } from "./scripted-engine.ts";
import type { TestEnvironment } from "./test-environment.ts";

/** A connected session with a chat. */
export async function connected(environment: TestEnvironment, times: Partial<OutboundTimes> = {}) {
  const companyId = await environment.company();
  const engine = new ScriptedEngine();
  const connector = await environment.connector("a", {
    engines: { simulator: engine.create },
    times: { outbound: times },
  });
  const { id: sessionId } = await environment.session(companyId);
  await environment.status(sessionId, "connected");
  const { queue, chat } = await environment.chat(companyId, sessionId);
  return { companyId, sessionId, engine, queue, chat, connector };
}

/** Publishes the command that rest-api publishes after it has queued a message. */
export async function signalQueued(environment: TestEnvironment, sessionId: string): Promise<void> {
  const [session] = await environment.sql("select company_id from whatsapp_sessions where id = $1", [sessionId]);
  await environment.publisher.command(String(session?.company_id), { kind: "send_queued", sessionId });
}

/** The number of connections to the test's Redis, those of the test included. */
export async function redisConnections({ redisUrl }: TestEnvironment): Promise<number> {
  const redis = new Redis(redisUrl);
  const info = await redis.info("clients");
  redis.disconnect();
  return Number(/^connected_clients:(\d+)/m.exec(info)?.[1]);
}

export const statusOf = (environment: TestEnvironment, id: string, status: string) =>
  environment.event("message_status", ({ data }) => data.Id === id && data.Status === status);

/** The bodies that the engine was asked to send, in order. */
export const bodiesSent = (engine: ScriptedEngine): (string | undefined)[] =>
  engine.asked.all.flatMap(({ what, message }) => (what === "send" ? [(message as { body?: string }).body] : []));
