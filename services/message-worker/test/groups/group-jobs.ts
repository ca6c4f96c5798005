import { randomUUID } from "node:crypto";
import type { GroupJob, JobName, Jobs, MessageJob } from "@syszap/contracts";
import type { CompanyUnit } from "@syszap/database";
import { type Company, messageJob, type TestEnvironment } from "../fixtures.ts";

export const groupId = "120363000000000001@g.us";
export const startMs = 1_700_000_000_000;
export const bia = { number: "5521977776666", lid: "88123456789012", name: "Bia" };
export const caio = { number: "5531966665555", lid: "88999999999999", name: "Caio" };
export const hidden = { number: "99111111111111", lid: "99111111111111", name: null };

export const groupMessage = (from: Company, overrides: Partial<MessageJob> = {}): MessageJob => ({
  ...messageJob(from),
  waChatId: groupId,
  sender: bia,
  ...overrides,
  client: undefined,
});
export const groupJob = (from: Company, overrides: Partial<GroupJob>): GroupJob => ({
  ...{ companyId: from.companyId, sessionId: from.sessionId, waChatId: groupId, timestampMs: startMs },
  ...overrides,
});
export const aboutMessage = ({ companyId, sessionId, waKey, direction, waChatId }: MessageJob) => ({
  ...{ companyId, sessionId, waKey, direction, waChatId },
  timestampMs: startMs + 60_000,
});

type Job = { [Name in JobName]: [Name, Jobs[Name]] }[JobName];

/** Processes the jobs one after another, and waits until all are processed. */
export async function processInOrder(environment: TestEnvironment, acme: Company, ...jobs: Job[]): Promise<void> {
  const worker = await environment.startWorker({ CONCURRENCY: "1" });
  for (const [name, job] of jobs) await environment.add(name, job);
  const barrier = messageJob(acme, { body: randomUUID(), client: { number: "5531955554444", name: null } });
  await environment.add("message", barrier);
  await acme.events.next(
    ({ type, data }) => type === "new_message" && (data as { Body: string }).Body === barrier.body,
  );
  await worker.stop();
}

export const inCompany = <Result>(
  { db }: TestEnvironment,
  acme: Company,
  use: (unit: CompanyUnit) => Promise<Result>,
) => db.withCompany(acme.companyId, use);

export const groupOf = (environment: TestEnvironment, acme: Company) =>
  inCompany(environment, acme, async ({ chats, messages }) => {
    const chat = (await chats.list({ limit: 10 })).items.find(({ group }) => group);
    if (!chat) throw new Error("there is no chat with a group");
    return { chat, messages: (await messages.listBefore(chat.id, { limit: 50 })).items };
  });
