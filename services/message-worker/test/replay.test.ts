import { channels, keys } from "@syszap/contracts";
import { splitPayload } from "@syszap/event-bus";
import { expect } from "vitest";
import { asOwner, type Company, messageJob, type TestEnvironment, test } from "./fixtures.ts";

async function loggedIds({ redis }: TestEnvironment, { companyId }: Company): Promise<string[]> {
  const entries = await redis.xrangeBuffer(keys.log(channels.company(companyId)), "-", "+");
  return entries.flatMap(([, fields]) => {
    const publication = fields[1] && splitPayload(fields[1]);
    return publication ? [JSON.parse(publication.frame.toString()).id as string] : [];
  });
}

test("restores the events of the last minute in the log when Redis loses its data", async ({
  environment,
  database,
}) => {
  const [acme, globex] = [await environment.openCompany(), await environment.openCompany()];
  await environment.startWorker();
  for (const company of [acme, globex]) {
    await environment.add("message", messageJob(company));
    await company.events.next(({ type }) => type === "chat_update");
  }
  const unmarked = () => asOwner(database, "select id from outbox where published_at is null");
  await expect.poll(unmarked).toEqual([]);
  const before = [await loggedIds(environment, acme), await loggedIds(environment, globex)];
  expect(before.map((ids) => ids.length > 1)).toEqual([true, true]);

  await environment.redis.flushall();
  const after = async () => [await loggedIds(environment, acme), await loggedIds(environment, globex)];
  await expect.poll(after).toEqual(before);
  // New events follow the restored ones.
  await environment.add("message", messageJob(acme, { body: "depois" }));
  const next = await acme.events.next((event) => event.type === "new_message" && event.data.Body === "depois");
  expect((await loggedIds(environment, acme)).slice(0, before[0]?.length)).toEqual(before[0]);
  expect(await loggedIds(environment, acme)).toContain(next.id);
});
