import { expect } from "vitest";
import { companyId, gatewayTest, reached, userId } from "./gateway-test.ts";

/** Node has no page around it: this one is told by the test. */
function aPage() {
  const target = new EventTarget();
  const navigator = { onLine: true };
  const before = Object.getOwnPropertyDescriptors(globalThis).navigator;
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  Object.assign(globalThis, {
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
  });
  return {
    becomes(isOnline: boolean): void {
      navigator.onLine = isOnline;
      target.dispatchEvent(new Event(isOnline ? "online" : "offline"));
    },
    leave(): void {
      Object.assign(globalThis, { addEventListener: undefined, removeEventListener: undefined });
      Object.defineProperty(globalThis, "navigator", before ?? { value: undefined, configurable: true });
    },
  };
}

gatewayTest("a change of network makes it ask at once whether the peer still lives", async ({ gateway, newClient }) => {
  const page = aPage();
  const client = newClient();
  client.connect(companyId, userId);
  const dead = await gateway.nextPeer();
  dead.welcome({ heartbeatMs: 60_000 });
  await reached(client, "connected");
  const toldAt = performance.now();
  page.becomes(true);
  expect(await dead.next()).toEqual({ type: "ping", data: {} });
  expect((await gateway.nextPeer()).query.get("ticket")).toBe("t2");
  // Far sooner than the heartbeat, which a sleeping device would have to wait for.
  expect(performance.now() - toldAt).toBeLessThan(10_000);
  page.leave();
});

gatewayTest("without a network it says so, and comes back when there is one", async ({ gateway, newClient }) => {
  const page = aPage();
  const client = newClient();
  client.connect(companyId, userId);
  const first = await gateway.nextPeer();
  first.welcome();
  await reached(client, "connected");
  page.becomes(false);
  expect(client.state).toBe("connected");
  first.socket.terminate();
  await reached(client, "offline");
  page.becomes(true);
  (await gateway.nextPeer()).welcome();
  await reached(client, "connected");
  page.leave();
});
