import { expect } from "vitest";
import { companyId, gatewayTest, untilState, userId } from "./gateway-test.ts";

/** Gives Node the parts of a browser page that the client reads. The test controls its network status. */
function simulatePage() {
  const target = new EventTarget();
  const navigator = { onLine: true };
  const before = Object.getOwnPropertyDescriptors(globalThis).navigator;
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  Object.assign(globalThis, {
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
  });
  return {
    setOnline(isOnline: boolean): void {
      navigator.onLine = isOnline;
      target.dispatchEvent(new Event(isOnline ? "online" : "offline"));
    },
    remove(): void {
      Object.assign(globalThis, { addEventListener: undefined, removeEventListener: undefined });
      Object.defineProperty(globalThis, "navigator", before ?? { value: undefined, configurable: true });
    },
  };
}

gatewayTest("probes the peer at once when the network changes", async ({ gateway, newClient }) => {
  const page = simulatePage();
  const client = newClient();
  client.connect(companyId, userId);
  const dead = await gateway.nextPeer();
  dead.welcome({ heartbeatMs: 3_600_000 });
  await untilState(client, "connected");
  page.setOnline(true);
  // The heartbeat of an hour cannot be the cause of this ping, nor of the second connection.
  expect(await dead.next()).toEqual({ type: "ping", data: {} });
  expect((await gateway.nextPeer()).query.get("ticket")).toBe("t2");
  page.remove();
});

gatewayTest("is offline without a network, and reconnects when the network is back", async ({ gateway, newClient }) => {
  const page = simulatePage();
  const client = newClient();
  client.connect(companyId, userId);
  const first = await gateway.nextPeer();
  first.welcome();
  await untilState(client, "connected");
  page.setOnline(false);
  expect(client.state).toBe("connected");
  first.socket.terminate();
  await untilState(client, "offline");
  page.setOnline(true);
  (await gateway.nextPeer()).welcome();
  await untilState(client, "connected");
  page.remove();
});
