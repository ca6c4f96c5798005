import { expect } from "vitest";
import type { DurableFrame } from "../src/index.ts";
import { companyId, gatewayTest, reached, takenBy, userId } from "./gateway-test.ts";
import { cursorAt } from "./scripted-gateway.ts";

const collect = (ids: string[], frame: DurableFrame): string[] => [...ids, frame.id];

gatewayTest("events that came since a request began are applied to its answer", async ({ gateway, newClient }) => {
  const client = newClient();
  const taken = takenBy(client);
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  peer.event(101);
  await taken.until("event-101");
  const answer = await client.snapshot(async () => {
    peer.event(102);
    peer.event(103);
    await taken.until("event-103");
    return ["from the server"];
  }, collect);
  expect(answer).toEqual(["from the server", "event-102", "event-103"]);
});

gatewayTest("a first read waits for the place of the first ticket", async ({ gateway, newClient }) => {
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

gatewayTest("a read from before the first place is made good by a resync", async ({ gateway, newClient }) => {
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
});

gatewayTest("a read is made again when more came meanwhile than is kept", async ({ gateway, newClient }) => {
  const client = newClient();
  const taken = takenBy(client);
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  await reached(client, "connected");
  let reads = 0;
  const answer = await client.snapshot(async () => {
    reads += 1;
    if (reads === 1) {
      for (let seq = 101; seq <= 2_201; seq += 1) peer.event(seq);
      await taken.until("event-2201");
    }
    return [`read ${reads}`];
  }, collect);
  expect(answer).toEqual(["read 2"]);
});
