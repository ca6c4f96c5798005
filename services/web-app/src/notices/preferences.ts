import { Store } from "../lib/store.ts";

/** How this browser notifies the user about messages and new clients. */
export interface Preferences {
  /** Notices on the page. */
  page: boolean;
  sound: boolean;
  vibration: boolean;
  desktop: boolean;
  /** Push notices while no page is used. The subscription of the login is on the server. */
  push: boolean;
}
const storageKey = "syszap.notices";
const initial: Preferences = { page: true, sound: true, vibration: true, desktop: false, push: false };

function stored(): Preferences {
  try {
    return { ...initial, ...(JSON.parse(localStorage.getItem(storageKey) ?? "{}") as Partial<Preferences>) };
  } catch {
    return initial;
  }
}

export const preferences = new Store(stored());

// Another tab changed them.
addEventListener("storage", ({ key }) => {
  if (key === storageKey) preferences.set(stored());
});

export function setPreference(name: keyof Preferences, isOn: boolean): void {
  preferences.update((before) => ({ ...before, [name]: isOn }));
  localStorage.setItem(storageKey, JSON.stringify(preferences.get()));
}

/** Asks for the browser's permission; must be called from a click. */
export async function allowDesktopNotices(): Promise<void> {
  setPreference("desktop", (await Notification.requestPermission()) === "granted");
}
