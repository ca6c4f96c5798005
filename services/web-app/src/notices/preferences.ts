import { Store } from "../lib/store.ts";

/** How this device notifies the user about messages. */
export interface Preferences {
  sound: boolean;
  vibration: boolean;
  desktop: boolean;
}
const storageKey = "syszap.notices";
const initial: Preferences = { sound: true, vibration: true, desktop: false };

function stored(): Preferences {
  try {
    return { ...initial, ...(JSON.parse(localStorage.getItem(storageKey) ?? "{}") as Partial<Preferences>) };
  } catch {
    return initial;
  }
}

export const preferences = new Store(stored());

export function setPreference(name: keyof Preferences, isOn: boolean): void {
  preferences.update((before) => ({ ...before, [name]: isOn }));
  localStorage.setItem(storageKey, JSON.stringify(preferences.get()));
}

/** Asks for the browser's permission; must be called from a click. */
export async function allowDesktopNotices(): Promise<void> {
  setPreference("desktop", (await Notification.requestPermission()) === "granted");
}
