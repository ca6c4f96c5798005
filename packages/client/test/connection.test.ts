import { expect } from "vitest";
import { TicketError } from "../src/index.ts";
import { companyId, gatewayTest, reached, userId } from "./gateway-test.ts";
import { cursorAt } from "./scripted-gateway.ts";

gatewayTest("it connects with company, user, a ticket and the ticket's cursor", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  expect(Object.fromEntries(peer.query)).toEqual({ companyId, userId, ticket: "t1", since: cursorAt(100) });
  expect(client.state).toBe("connecting");
  peer.welcome();
  await reached(client, "connected");
});

gatewayTest("connecting again as the same person keeps the connection", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  await reached(client, "connected");
  client.connect(companyId, userId);
  expect(client.send("ping", {})).toBe(true);
  expect(await peer.next()).toEqual({ type: "ping", data: {} });
});

gatewayTest("nothing is sent without a connection", ({ newClient }) => {
  expect(newClient().send("ping", {})).toBe(false);
});

gatewayTest("every attempt has a new ticket and resumes from the last frame", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const first = await gateway.nextPeer();
  first.welcome();
  first.event(101);
  first.event(102);
  await reached(client, "connected");
  first.socket.close(4503);
  const second = await gateway.nextPeer();
  expect(second.query.get("ticket")).toBe("t2");
  expect(second.query.get("since")).toBe(cursorAt(102));
  expect(client.state).toBe("reconnecting");
});

gatewayTest("a pong moves the place past what was filtered out", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const first = await gateway.nextPeer();
  first.welcome();
  const pong = new Promise((resolve) => client.on("pong", resolve));
  first.send({ type: "pong", data: { cursor: cursorAt(140), timestamp: new Date().toISOString() } });
  await pong;
  first.socket.terminate();
  expect((await gateway.nextPeer()).query.get("since")).toBe(cursorAt(140));
});

gatewayTest("a ticket refused with 401 means signed out, with 403 stopped", async ({ newClient }) => {
  const signedOut = newClient(() => Promise.reject(new TicketError(401)));
  signedOut.connect(companyId, userId);
  await reached(signedOut, "signed_out");
  const stopped = newClient(() => Promise.reject(new TicketError(403)));
  stopped.connect(companyId, userId);
  await reached(stopped, "stopped");
});

gatewayTest("a busy ticket office is asked again after the time it named", async ({ gateway, newClient }) => {
  const askedAt: number[] = [];
  const client = newClient((count) => {
    askedAt.push(performance.now());
    if (count === 1) throw new TicketError(503, 150);
    return { ticket: `t${count}`, cursor: cursorAt(100) };
  });
  client.connect(companyId, userId);
  expect((await gateway.nextPeer()).query.get("ticket")).toBe("t2");
  expect((askedAt[1] ?? 0) - (askedAt[0] ?? 0)).toBeGreaterThanOrEqual(145);
});

gatewayTest("an office that can't be reached is asked again", async ({ gateway, newClient }) => {
  const client = newClient((count) => {
    if (count < 3) throw new TypeError("fetch failed");
    return { ticket: `t${count}` };
  });
  client.connect(companyId, userId);
  expect((await gateway.nextPeer()).query.get("ticket")).toBe("t3");
});

gatewayTest("it comes back when the leaving gateway said, also when closed earlier", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const first = await gateway.nextPeer();
  first.welcome();
  await reached(client, "connected");
  const toldAt = performance.now();
  first.send({ type: "reconnect", data: { afterMs: 200 } });
  first.socket.close(1012);
  await gateway.nextPeer();
  expect(performance.now() - toldAt).toBeGreaterThanOrEqual(190);
});

gatewayTest("it leaves by itself when the time that the gateway named is over", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const first = await gateway.nextPeer();
  first.welcome();
  first.send({ type: "reconnect", data: { afterMs: 50 } });
  expect(await first.closed).toBe(1000);
  expect((await gateway.nextPeer()).query.get("ticket")).toBe("t2");
});

gatewayTest("a peer that answers no ping is given up", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const dead = await gateway.nextPeer();
  dead.welcome({ heartbeatMs: 90 });
  expect(await dead.next()).toEqual({ type: "ping", data: {} });
  expect((await gateway.nextPeer()).query.get("ticket")).toBe("t2");
  expect(await dead.closed).toBe(4408);
});

gatewayTest("a peer that answers pings is kept", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome({ heartbeatMs: 90 });
  const deadline = performance.now() + 300;
  while (performance.now() < deadline) {
    expect(await peer.next()).toEqual({ type: "ping", data: {} });
    peer.send({ type: "pong", data: { timestamp: new Date().toISOString() } });
  }
  expect(client.state).toBe("connected");
});

gatewayTest("it refreshes its authority inside the connection before it ends", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome({ expiresInMs: 400 });
  expect(await peer.next()).toEqual({ type: "refresh", data: { ticket: "t2" } });
  expect(client.state).toBe("connected");
});

gatewayTest("it is signed out when its authority is not prolonged", async ({ gateway, newClient }) => {
  const client = newClient((count) => {
    if (count > 1) throw new TicketError(401);
    return { ticket: "t1", cursor: cursorAt(100) };
  });
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome({ expiresInMs: 200 });
  expect(await peer.closed).toBe(1000);
  expect(client.state).toBe("signed_out");
});

gatewayTest("it stays away when told that it is not allowed any more", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  await reached(client, "connected");
  peer.socket.close(4403);
  await reached(client, "stopped");
});

gatewayTest(
  "after disconnecting it stays away and resumes when it is connected again",
  async ({ gateway, newClient }) => {
    const client = newClient();
    client.connect(companyId, userId);
    const first = await gateway.nextPeer();
    first.welcome();
    first.event(101);
    await new Promise((resolve) => client.on("new_message", resolve));
    client.disconnect();
    expect(await first.closed).toBe(1000);
    expect(client.state).toBe("idle");
    client.connect(companyId, userId);
    expect((await gateway.nextPeer()).query.get("since")).toBe(cursorAt(101));
  },
);

gatewayTest("another person starts at the place of the new ticket", async ({ gateway, newClient }) => {
  const client = newClient((count) => ({ ticket: `t${count}`, cursor: cursorAt(count * 100) }));
  client.connect(companyId, userId);
  (await gateway.nextPeer()).welcome();
  await reached(client, "connected");
  client.connect(companyId, "b1b2a7de-58a5-4f0e-9d1f-0c4f3a0f7a11");
  expect((await gateway.nextPeer()).query.get("since")).toBe(cursorAt(200));
});

gatewayTest(
  "a refreshed authority is refreshed again before the end that its ticket tells",
  async ({ gateway, newClient }) => {
    const ticketUntil = (ms: number) => `e30.${btoa(JSON.stringify({ ate: (Date.now() + ms) / 1_000 }))}.sig`;
    const client = newClient((count) => ({ ticket: count === 2 ? ticketUntil(6_000) : `t${count}` }));
    client.connect(companyId, userId);
    const peer = await gateway.nextPeer();
    peer.welcome({ expiresInMs: 300 });
    const [first, firstAt] = [await peer.next(), performance.now()];
    expect(first).toMatchObject({ type: "refresh" });
    expect(await peer.next()).toEqual({ type: "refresh", data: { ticket: "t3" } });
    expect(performance.now() - firstAt).toBeGreaterThan(4_000);
  },
);
