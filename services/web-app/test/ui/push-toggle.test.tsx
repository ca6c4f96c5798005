import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { PushToggle } from "../../src/components/shell/push-toggle.tsx";
import { preferences, setPreference } from "../../src/notices/preferences.ts";
import { renewPush } from "../../src/notices/push.ts";
import { preparePage } from "../support/page.tsx";

const { show, calls, called, answerWith } = preparePage();
const subscriptionPath = "/v1/me/push/subscription";
const keys = { p256dh: "key-of-the-browser", auth: "secret-of-the-browser" };

/** Stands in for the browser's push manager, which headless Chromium does not have either. */
class FakePushManager {
  key: unknown;
  subscription: { toJSON(): object; unsubscribe(): Promise<boolean> } | null = null;

  async subscribe({ applicationServerKey }: { applicationServerKey: unknown }) {
    if (this.subscription && this.key !== applicationServerKey)
      throw new DOMException("other key", "InvalidStateError");
    this.key = applicationServerKey;
    this.subscription = {
      toJSON: () => ({ endpoint: "https://push.example.com/1", keys }),
      unsubscribe: async () => {
        this.subscription = null;
        return true;
      },
    };
    return this.subscription;
  }

  async getSubscription() {
    return this.subscription;
  }
}

let pushManager = new FakePushManager();
let permission = "granted";
let publicKey: string | null = "key-1";

beforeEach(() => {
  pushManager = new FakePushManager();
  permission = "granted";
  publicKey = "key-1";
  setPreference("push", false);
  const registration = { pushManager };
  const serviceWorker = { ready: Promise.resolve(registration), getRegistration: async () => registration };
  vi.stubGlobal("Notification", { permission, requestPermission: async () => permission });
  vi.stubGlobal("PushManager", FakePushManager);
  Object.defineProperty(navigator, "serviceWorker", { configurable: true, value: serviceWorker });
  answerWith(({ path }) => {
    if (path === "/v1/me/push") return { body: { publicKey, isSubscribed: false } };
    return path === subscriptionPath ? { status: 204 } : undefined;
  });
  return () => {
    vi.unstubAllGlobals();
    Reflect.deleteProperty(navigator, "serviceWorker");
  };
});

const toggle = () => screen.getByRole("switch", { name: "Notificação com o sysZap fechado" });

test("turning push on subscribes the browser with the key of the installation", async () => {
  show(<PushToggle isDenied={false} />);
  fireEvent.click(toggle());
  const { method, body } = await called(subscriptionPath);
  expect({ method, body }).toEqual({ method: "PUT", body: { endpoint: "https://push.example.com/1", keys } });
  await expect.poll(() => toggle().getAttribute("aria-checked")).toBe("true");
  expect(pushManager.key).toBe("key-1");
});

test("turning push off ends the subscription in the browser and on the server", async () => {
  await pushManager.subscribe({ applicationServerKey: "key-1" });
  setPreference("push", true);
  show(<PushToggle isDenied={false} />);
  fireEvent.click(toggle());
  expect((await called(subscriptionPath)).method).toBe("DELETE");
  await expect.poll(() => pushManager.subscription).toBeNull();
  expect(preferences.get().push).toBe(false);
});

test("stays off and says so if the installation has no keys", async () => {
  publicKey = null;
  show(<PushToggle isDenied={false} />);
  fireEvent.click(toggle());
  expect((await screen.findByRole("alert")).textContent).toContain("não envia notificações");
  expect(toggle().getAttribute("aria-checked")).toBe("false");
});

test("subscribes a new login again, and replaces the subscription for an earlier key", async () => {
  await pushManager.subscribe({ applicationServerKey: "key-0" });
  await renewPush();
  expect(calls).toEqual([]);
  setPreference("push", true);
  await renewPush();
  expect(calls.find(({ path }) => path === subscriptionPath)?.method).toBe("PUT");
  expect(pushManager.key).toBe("key-1");
});
