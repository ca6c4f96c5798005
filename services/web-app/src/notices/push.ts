import { api } from "../page/api.ts";
import { preferences, setPreference } from "./preferences.ts";

export type PushResult = "on" | "denied" | "unavailable" | "failed";

export const canPush = (): boolean =>
  typeof Notification !== "undefined" && "serviceWorker" in navigator && "PushManager" in globalThis;

/** Asks for the browser's permission and subscribes; must be called from a click. */
export async function turnPushOn(): Promise<PushResult> {
  if ((await Notification.requestPermission()) !== "granted") return "denied";
  const result = await subscribe().catch((): PushResult => "failed");
  setPreference("push", result === "on");
  return result;
}

export async function turnPushOff(): Promise<void> {
  setPreference("push", false);
  const registration = await navigator.serviceWorker.getRegistration();
  const subscription = await registration?.pushManager.getSubscription();
  await Promise.allSettled([subscription?.unsubscribe(), api.call("unsubscribeFromPush", {})]);
}

/** Subscribes this login if push was turned on in this browser: the subscription of an earlier login ended with it. */
export async function renewPush(): Promise<void> {
  if (preferences.get().push && canPush() && Notification.permission === "granted") await subscribe();
}

async function subscribe(): Promise<PushResult> {
  const { publicKey } = await api.call("getMyPush", {});
  if (publicKey === null) return "unavailable";
  const { pushManager } = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: publicKey };
  const subscription = await pushManager.subscribe(options).catch(async (error: unknown) => {
    // A subscription for an earlier key of the installation is in the way.
    const earlier = await pushManager.getSubscription();
    if (!(await earlier?.unsubscribe())) throw error;
    return pushManager.subscribe(options);
  });
  const { endpoint, keys } = subscription.toJSON();
  if (!endpoint || !keys?.p256dh || !keys.auth) return "failed";
  await api.call("subscribeToPush", { body: { endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } } });
  return "on";
}
