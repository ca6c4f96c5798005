import { channels, keys } from "@syszap/contracts";
import { splitPayload } from "@syszap/event-bus";
import { expect } from "vitest";
import { asOwner, type Company, messageJob, test, type World } from "./fixtures.ts";

async function loggedIds({ redis }: World, { companyId }: Company): Promise<string[]> {
  const entries = await redis.xrangeBuffer(keys.log(channels.company(companyId)), "-", "+");
  return entries.flatMap(([, fields]) => {
    const publication = fields[1] && splitPayload(fields[1]);
    return publication ? [JSON.parse(publication.frame.toString()).id as string] : [];
  });
}

test("what was published in the last minute is in the log again when Redis lost everything while the worker runs", async ({
  world,
  database,
}) => {
  const [acme, globex] = [await world.openCompany(), await world.openCompany()];
  await world.startWorker();
  for (const company of [acme, globex]) {
    await world.add("message", messageJob(company));
    await company.listener.next(({ type }) => type === "chat_update");
  }
  const unmarked = () => asOwner(database, "select id from outbox where published_at is null");
  await expect.poll(unmarked).toEqual([]);
  const before = [await loggedIds(world, acme), await loggedIds(world, globex)];
  expect(before.map((ids) => ids.length > 1)).toEqual([true, true]);

  await world.redis.flushall();
  const after = async () => [await loggedIds(world, acme), await loggedIds(world, globex)];
  await expect.poll(after, { timeout: 10_000 }).toEqual(before);
  // And it goes on behind them.
  await world.add("message", messageJob(acme, { body: "depois" }));
  const next = await acme.listener.next((event) => event.type === "new_message" && event.data.Body === "depois");
  expect((await loggedIds(world, acme)).slice(0, before[0]?.length)).toEqual(before[0]);
  expect(await loggedIds(world, acme)).toContain(next.id);
});
