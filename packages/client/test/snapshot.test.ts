import { expect } from "vitest";
import type { DurableFrame } from "../src/index.ts";
import { companyId, gatewayTest, receivedBy, untilState, userId } from "./gateway-test.ts";
import { cursorAt } from "./scripted-gateway.ts";

const collect = (ids: string[], frame: DurableFrame): string[] => [...ids, frame.id];

gatewayTest("applies the events that arrived during a request to its answer", async ({ gateway, newClient }) => {
  const client = newClient();
  const received = receivedBy(client);
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  peer.event(101);
  await received.until("event-101");
  const answer = await client.snapshot(async () => {
    peer.event(102);
    peer.event(103);
    await received.until("event-103");
    return ["from the server"];
  }, collect);
  expect(answer).toEqual(["from the server", "event-102", "event-103"]);
});

gatewayTest("waits for the first ticket's cursor before it fetches", async ({ gateway, newClient }) => {
  const order: string[] = [];
  let giveTicket: () => void = () => undefined;
  const client = newClient(async () => {
    await new Promise<void>((resolve) => {
      giveTicket = resolve;
    });
    order.push("ticket");
    return { ticket: "t", cursor: cursorAt(7) };
  });
  client.connect(companyId, userId);
  const read = client.snapshot(
    async () => order.push("read"),
    (value) => value,
  );
  giveTicket();
  await Promise.all([read, gateway.nextPeer()]);
  expect(order).toEqual(["ticket", "read"]);
});

gatewayTest(
  "emits resync after the first welcome if a snapshot was read before the first cursor",
  async ({ gateway, newClient }) => {
    const client = newClient();
    expect(
      await client.snapshot(
        async () => "early",
        (value) => value,
      ),
    ).toBe("early");
    const resync = new Promise((resolve) => client.on("resync", resolve));
    client.connect(companyId, userId);
    (await gateway.nextPeer()).welcome();
    expect(await resync).toEqual({ reason: "read_before_first_place" });
  },
);

gatewayTest("fetches again when more events arrive than it records", async ({ gateway, newClient }) => {
  const client = newClient();
  const received = receivedBy(client);
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  await untilState(client, "connected");
  let reads = 0;
  const answer = await client.snapshot(async () => {
    reads += 1;
    if (reads === 1) {
      for (let seq = 101; seq <= 2_201; seq += 1) peer.event(seq);
      await received.until("event-2201");
    }
    return [`read ${reads}`];
  }, collect);
  expect(answer).toEqual(["read 2"]);
});
