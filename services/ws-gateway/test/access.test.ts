import { randomUUID } from "node:crypto";
import { type Audience, catalog, channels, type DurableEvent, keys, lostReach } from "@syszap/contracts";
import { toRightsClaim } from "@syszap/event-bus";
import { exampleEvent, redisTest } from "@syszap/testing";
import { expect } from "vitest";
import { accessToken, person, runGateway, type TestGateway, ticketFor } from "./gateway-fixture.ts";

const timestamp = new Date().toISOString();
const message = (Body: string, audience: Audience): DurableEvent => ({
  ...exampleEvent(catalog.new_message, { data: { Body } }),
  audience,
});
const accessChanged = (audience: Audience): DurableEvent => ({
  type: "access_changed",
  id: randomUUID(),
  version: 0,
  audience,
  data: { timestamp },
});
const toTeam = (...teams: string[]) => ({ kind: "reach" as const, teams, users: [] as string[] });
const [sales, support] = [randomUUID(), randomUUID()];

/** A ticket whose rights were read at the present head, like one of the REST API. */
async function ticketNow(gateway: TestGateway, who: ReturnType<typeof person>) {
  const { rights, cursor } = await gateway.publisher.headPosition(who.companyId);
  return { ticket: await ticketFor(who, { rights: toRightsClaim(rights) }), since: cursor };
}

redisTest("delivers nothing to a user that was published after a change of the user's rights", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person({ teams: [sales] });
  const colleague = person({ companyId: who.companyId, teams: [sales] });
  const [client, stays] = [await gateway.client(who), await gateway.client(colleague)];
  // One script call: the gateway receives all three in one turn, before it has written the first.
  await gateway.publisher.publishDurable(who.companyId, [
    message("before", toTeam(sales)),
    accessChanged({ kind: "user", userId: who.userId }),
    message("after", toTeam(sales)),
  ]);
  expect(await client.closed).toMatchObject({ code: 4401 });
  expect(client.frames.map(({ type }) => type)).not.toContain("access_changed");
  expect(client.frames.map(({ data }) => data.Body)).not.toContain("after");
  await stays.nextOf("new_message");
  expect((await stays.nextOf("new_message")).data).toMatchObject({ Body: "after" });
});

redisTest("a change for all agents closes their sockets and no manager's", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const agent = person();
  const owner = person({ companyId: agent.companyId, role: "owner" });
  const [closed, stays] = [await gateway.client(agent), await gateway.client(owner)];
  await gateway.publisher.publishDurable(agent.companyId, [accessChanged({ kind: "role", roles: ["agent"] })]);
  expect(await closed.closed).toMatchObject({ code: 4401 });
  stays.send({ type: "ping" });
  await stays.nextOf("pong");
});

redisTest("refuses a ticket whose rights were read before a change, and accepts the next one", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person({ teams: [sales] });
  const early = await ticketNow(gateway, who);
  await gateway.publisher.publishDurable(who.companyId, [accessChanged({ kind: "user", userId: who.userId })]);
  const client = gateway.attempt({ ticket: early.ticket });
  expect(await client.closed).toMatchObject({ code: 4401 });
  expect(client.frames).toEqual([]);
  const { ticket } = await ticketNow(gateway, { ...who, teams: [] });
  await gateway.attempt({ ticket }).welcomed();
});

redisTest(
  "a cursor replays nothing after the user's team, or the chat, changed while the browser slept",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const { companyId } = person();
    const mover = person({ companyId, teams: [sales] });
    const stays = person({ companyId, teams: [sales] });
    const supporter = person({ companyId, teams: [support] });
    const { cursor: since } = await gateway.publisher.headPosition(companyId);
    await gateway.publisher.publishDurable(companyId, [
      message("of sales", toTeam(sales)),
      accessChanged({ kind: "user", userId: mover.userId }),
    ]);
    const recoveredOf = async (who: ReturnType<typeof person>) => {
      const { ticket } = await ticketNow(gateway, who);
      const client = gateway.attempt({ ticket, since });
      const { recovered, afterMs } = (await client.welcomed()).data;
      return { recovered, afterMs, client };
    };
    // The data is read again at once: the page still shows what the user may no longer see.
    expect(await recoveredOf({ ...mover, teams: [support] })).toMatchObject({ recovered: false, afterMs: 0 });
    const resumed = await recoveredOf(stays);
    expect(resumed.recovered).toBe(true);
    expect((await resumed.client.nextOf("new_message")).data).toMatchObject({ Body: "of sales" });

    const gone = catalog.chat_gone;
    await gateway.publisher.publishDurable(companyId, [
      { ...exampleEvent(gone, {}), audience: lostReach(toTeam(sales), toTeam(support)) },
    ]);
    await resumed.client.nextOf("chat_gone");
    expect((await recoveredOf(stays)).recovered).toBe(false);
    expect((await recoveredOf(supporter)).recovered).toBe(true);
  },
);

redisTest("checks the rights of open sockets after the log was lost together with the change", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const colleague = person({ companyId: who.companyId });
  const [client, stays] = [await gateway.client(who), await gateway.client(colleague)];
  const name = channels.company(who.companyId);
  await gateway.publisher.publishDurable(who.companyId, [message("first", { kind: "company" })]);
  await client.nextOf("new_message");
  // As after a failover: the gateway sees a new log only when the change is in it already.
  await gateway.redis
    .multi()
    .del(keys.head(name), keys.log(name))
    .hset(keys.rights(who.companyId), who.userId, "1")
    .exec();
  await gateway.redis.hset(keys.head(name), { seq: "1", link: "00ff00ff00ff00ff", tended: "0", epoch: "9" });
  await gateway.publisher.publishDurable(who.companyId, [message("next", { kind: "company" })]);
  expect(await client.closed).toMatchObject({ code: 4401 });
  await stays.nextOf("resync");
  stays.send({ type: "ping" });
  await stays.nextOf("pong");
});

redisTest("a refresh with other teams sends a resync and applies the teams", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person({ teams: [sales] });
  const client = await gateway.client(who);
  client.send({ type: "refresh", data: { ticket: await ticketFor(who) } });
  client.send({ type: "refresh", data: { ticket: await ticketFor({ ...who, teams: [support] }) } });
  expect((await client.nextOf("resync")).data).toMatchObject({ reason: "permissions_changed" });
  await gateway.publisher.publishDurable(who.companyId, [
    message("of sales", toTeam(sales)),
    message("of support", toTeam(support)),
  ]);
  expect((await client.nextOf("new_message")).data).toMatchObject({ Body: "of support" });
});

redisTest(
  "refuses a refresh with a ticket from before the rights of the connection were read",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const who = person({ teams: [sales] });
    const kept = await ticketNow(gateway, who);
    await gateway.publisher.publishDurable(who.companyId, [accessChanged({ kind: "user", userId: who.userId })]);
    const { ticket } = await ticketNow(gateway, { ...who, teams: [] });
    const client = gateway.attempt({ ticket });
    await client.welcomed();
    client.send({ type: "refresh", data: { ticket: kept.ticket } });
    expect(await client.closed).toMatchObject({ code: 4401 });
  },
);

redisTest("a program's ticket with `all` receives every chat, but not what is for managers", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const client = gateway.attempt({ ticket: await ticketFor(who, { all: true, key: true }) }, {});
  await client.welcomed();
  await gateway.publisher.publishDurable(who.companyId, [
    message("for managers", { kind: "role", roles: ["owner", "admin"] }),
    message("of sales", toTeam(sales)),
  ]);
  expect((await client.nextOf("new_message")).data).toMatchObject({ Body: "of sales" });
});

redisTest("a ticket of an earlier release, without teams, receives what names its user", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const client = await gateway.client(who);
  await gateway.publisher.publishDurable(who.companyId, [
    message("of sales", toTeam(sales)),
    message("own", { kind: "reach", teams: [sales], users: [who.userId] }),
  ]);
  expect((await client.nextOf("new_message")).data).toMatchObject({ Body: "own" });
});

redisTest("exchanges an access token for a ticket, so that the present teams count", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const authorization = `Bearer ${await accessToken(who, { teams: [sales] })}`;
  const client = gateway.attempt({}, { authorization });
  await client.welcomed();
  await gateway.publisher.publishDurable(who.companyId, [message("of sales", toTeam(sales))]);
  expect((await client.nextOf("new_message")).data).toMatchObject({ Body: "of sales" });
});
