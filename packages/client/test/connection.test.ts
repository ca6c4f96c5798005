import { expect } from "vitest";
import { TicketError } from "../src/index.ts";
import { companyId, gatewayTest, untilState, userId } from "./gateway-test.ts";
import { cursorAt } from "./scripted-gateway.ts";

gatewayTest("connects with company, user, ticket and the ticket's cursor", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  expect(Object.fromEntries(peer.query)).toEqual({ companyId, userId, ticket: "t1", since: cursorAt(100) });
  expect(client.state).toBe("connecting");
  peer.welcome();
  await untilState(client, "connected");
});

gatewayTest("keeps the connection when the same user connects again", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  await untilState(client, "connected");
  client.connect(companyId, userId);
  expect(client.send("ping", {})).toBe(true);
  expect(await peer.next()).toEqual({ type: "ping", data: {} });
});

gatewayTest("sends nothing while there is no connection", ({ newClient }) => {
  expect(newClient().send("ping", {})).toBe(false);
});

gatewayTest("uses a new ticket for every attempt and resumes from the last frame", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const first = await gateway.nextPeer();
  first.welcome();
  first.event(101);
  first.event(102);
  await untilState(client, "connected");
  first.socket.close(4503);
  const second = await gateway.nextPeer();
  expect(second.query.get("ticket")).toBe("t2");
  expect(second.query.get("since")).toBe(cursorAt(102));
  expect(client.state).toBe("reconnecting");
});

gatewayTest(
  "resumes from the cursor of the last pong, past events that the audience filter removed",
  async ({ gateway, newClient }) => {
    const client = newClient();
    client.connect(companyId, userId);
    const first = await gateway.nextPeer();
    first.welcome();
    const pong = new Promise((resolve) => client.on("pong", resolve));
    first.send({ type: "pong", data: { cursor: cursorAt(140), timestamp: new Date().toISOString() } });
    await pong;
    first.socket.terminate();
    expect((await gateway.nextPeer()).query.get("since")).toBe(cursorAt(140));
  },
);

gatewayTest(
  "is signed out when the ticket request fails with 401, and stopped when it fails with 403",
  async ({ newClient }) => {
    const signedOut = newClient(() => Promise.reject(new TicketError(401)));
    signedOut.connect(companyId, userId);
    await untilState(signedOut, "signed_out");
    const stopped = newClient(() => Promise.reject(new TicketError(403)));
    stopped.connect(companyId, userId);
    await untilState(stopped, "stopped");
  },
);

gatewayTest(
  "counts failed attempts until a welcome, and retries at once on request",
  async ({ gateway, newClient }) => {
    const client = newClient((count) => {
      if (count === 1) throw new TicketError(503, 3_600_000);
      return { ticket: `t${count}`, cursor: cursorAt(100) };
    });
    const failed = new Promise((resolve) => client.on("connect_error", resolve));
    client.connect(companyId, userId);
    await failed;
    expect(client.failedAttempts).toBe(1);
    client.retry();
    const peer = await gateway.nextPeer();
    peer.welcome();
    await untilState(client, "connected");
    expect(client.failedAttempts).toBe(0);
    client.retry();
    expect(client.state).toBe("connected");
  },
);

gatewayTest("repeats a refused ticket request after the requested delay", async ({ gateway, newClient }) => {
  const requestedAt: number[] = [];
  const client = newClient((count) => {
    requestedAt.push(performance.now());
    if (count === 1) throw new TicketError(503, 150);
    return { ticket: `t${count}`, cursor: cursorAt(100) };
  });
  client.connect(companyId, userId);
  expect((await gateway.nextPeer()).query.get("ticket")).toBe("t2");
  expect((requestedAt[1] ?? 0) - (requestedAt[0] ?? 0)).toBeGreaterThanOrEqual(145);
});

gatewayTest("repeats a ticket request that failed with a network error", async ({ gateway, newClient }) => {
  const client = newClient((count) => {
    if (count < 3) throw new TypeError("fetch failed");
    return { ticket: `t${count}` };
  });
  client.connect(companyId, userId);
  expect((await gateway.nextPeer()).query.get("ticket")).toBe("t3");
});

gatewayTest(
  "reconnects after the delay that a stopping gateway requested, even if it closes earlier",
  async ({ gateway, newClient }) => {
    const client = newClient();
    client.connect(companyId, userId);
    const first = await gateway.nextPeer();
    first.welcome();
    await untilState(client, "connected");
    const sentAt = performance.now();
    first.send({ type: "reconnect", data: { afterMs: 200 } });
    first.socket.close(1012);
    await gateway.nextPeer();
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(190);
  },
);

gatewayTest(
  "closes and reconnects when the delay that a stopping gateway requested is over",
  async ({ gateway, newClient }) => {
    const client = newClient();
    client.connect(companyId, userId);
    const first = await gateway.nextPeer();
    first.welcome();
    first.send({ type: "reconnect", data: { afterMs: 50 } });
    expect(await first.closed).toBe(1000);
    expect((await gateway.nextPeer()).query.get("ticket")).toBe("t2");
  },
);

gatewayTest("gives up a peer that does not answer pings", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const dead = await gateway.nextPeer();
  dead.welcome({ heartbeatMs: 90 });
  expect(await dead.next()).toEqual({ type: "ping", data: {} });
  expect((await gateway.nextPeer()).query.get("ticket")).toBe("t2");
  expect(await dead.closed).toBe(4408);
});

gatewayTest("keeps a peer that answers pings", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome({ heartbeatMs: 900 });
  for (let count = 0; count < 4; count += 1) {
    expect(await peer.next()).toEqual({ type: "ping", data: {} });
    peer.send({ type: "pong", data: { timestamp: new Date().toISOString() } });
  }
  expect(client.state).toBe("connected");
});

gatewayTest("sends a new ticket over the open connection before its access ends", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome({ expiresInMs: 400 });
  expect(await peer.next()).toEqual({ type: "refresh", data: { ticket: "t2" } });
  expect(client.state).toBe("connected");
});

gatewayTest("is signed out when the ticket request for a refresh fails with 401", async ({ gateway, newClient }) => {
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

gatewayTest("does not reconnect after a final close code", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  await untilState(client, "connected");
  peer.socket.close(4403);
  await untilState(client, "stopped");
});

gatewayTest(
  "stays disconnected, and resumes from its cursor when it connects again",
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

gatewayTest("starts from the new ticket's cursor when another user connects", async ({ gateway, newClient }) => {
  const client = newClient((count) => ({ ticket: `t${count}`, cursor: cursorAt(count * 100) }));
  client.connect(companyId, userId);
  (await gateway.nextPeer()).welcome();
  await untilState(client, "connected");
  client.connect(companyId, "b1b2a7de-58a5-4f0e-9d1f-0c4f3a0f7a11");
  expect((await gateway.nextPeer()).query.get("since")).toBe(cursorAt(200));
});

gatewayTest("refreshes again before the end of access that the last ticket states", async ({ gateway, newClient }) => {
  const ticketUntil = (ms: number) => `e30.${btoa(JSON.stringify({ ate: (Date.now() + ms) / 1_000 }))}.sig`;
  const client = newClient((count) => ({ ticket: count === 2 ? ticketUntil(6_000) : `t${count}` }));
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome({ expiresInMs: 300 });
  const [first, firstAt] = [await peer.next(), performance.now()];
  expect(first).toMatchObject({ type: "refresh" });
  expect(await peer.next()).toEqual({ type: "refresh", data: { ticket: "t3" } });
  expect(performance.now() - firstAt).toBeGreaterThan(4_000);
});
