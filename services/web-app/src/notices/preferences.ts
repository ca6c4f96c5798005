import { Store } from "../lib/store.ts";

/** How this device calls for attention. */
export interface Preferences {
  sound: boolean;
  vibration: boolean;
  desktop: boolean;
}
const storageKey = "syszap.notices";
const initial: Preferences = { sound: true, vibration: true, desktop: false };

function remembered(): Preferences {
  try {
    return { ...initial, ...(JSON.parse(localStorage.getItem(storageKey) ?? "{}") as Partial<Preferences>) };
  } catch {
    return initial;
  }
}

export const preferences = new Store(remembered());

export function setPreference(name: keyof Preferences, isOn: boolean): void {
  preferences.update((before) => ({ ...before, [name]: isOn }));
  localStorage.setItem(storageKey, JSON.stringify(preferences.get()));
}

/** Browsers ask the person, and only after a click. */
export async function allowDesktopNotices(): Promise<void> {
  setPreference("desktop", (await Notification.requestPermission()) === "granted");
}
