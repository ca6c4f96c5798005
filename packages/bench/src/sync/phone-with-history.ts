import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Publisher } from "@syszap/event-bus";
import { createPrivateDirectory } from "@syszap/platform";
import type { PipelineEnvironment } from "../pipeline/environment/pipeline-environment.ts";

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const dayMs = 86_400_000;
/** Distance of two messages of the history. */
const stepMs = 1_000;

/** A linked phone that has been away for a day: all messages on it are to be read and stored. */
export interface PhoneWithHistory {
  /** Starts the session, and with it the recovery of the messages. */
  start(): Promise<void>;
  /** Number of messages that are stored. */
  stored(): Promise<number>;
  /** True when all messages are stored. */
  isRecovered(): Promise<boolean>;
}

/** Creates the phone in the first company, which also has a phone with live messages. It receives no live messages itself. */
export async function openPhoneWithHistory(
  environment: PipelineEnvironment,
  { phoneNumber, chats, messagesPerChat }: { phoneNumber: string; chats: number; messagesPerChat: number },
): Promise<PhoneWithHistory> {
  const { asOwner, database, folder, redis, tenants } = environment;
  const companyId = tenants[0]?.companyId ?? "";
  const { id: sessionId } = await database.withCompany(companyId, ({ sessions }) =>
    sessions.create({ name: "History", engine: "simulator" }),
  );
  const startMs = Date.now() - dayMs;
  const directory = join(folder, "profiles", sessionId);
  await createPrivateDirectory(directory);
  const facts = Array.from({ length: chats * messagesPerChat }, (_, at) => messageOf(at, chats, startMs + at * stepMs));
  await writeFile(join(directory, "simulated-phone.json"), JSON.stringify({ ...linkedPhone, phoneNumber, facts }));
  await asOwner("update whatsapp_sessions set linked_at = $2, missed_since = $2 where id = $1", [
    sessionId,
    new Date(startMs - stepMs),
  ]);
  return {
    start: async () => {
      await database.withCompany(companyId, ({ sessions }) => sessions.setDesiredState(sessionId, "running"));
      await new Publisher(redis, silent).wake();
    },
    stored: async () =>
      Number((await asOwner("select count(*) from messages where session_id = $1", [sessionId]))[0]?.count),
    isRecovered: async () => {
      const open = "select count(*) from whatsapp_sessions where id = $1 and missed_since is not null";
      return Number((await asOwner(open, [sessionId]))[0]?.count) === 0;
    },
  };
}

/** State of a linked simulated phone, as the simulator saves it. */
const linkedPhone = {
  isPaired: true,
  conversation: null,
  accepted: [],
  pictures: {},
  names: {},
};

const messageOf = (at: number, chats: number, timestampMs: number) => {
  const number = `55118${10_000_000 + (at % chats)}`;
  return {
    ...{ kind: "message", waKey: `3EB0${randomUUID()}`, waChatId: `${number}@c.us`, direction: 0, type: "text" },
    ...{ body: `history ${at}`, client: { number, name: "Cliente" }, timestampMs, isHistory: false },
  };
};
