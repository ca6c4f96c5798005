const storageKey = "syszap.emojis";
const maxRecent = 24;

/** The emoji that were chosen last on this device, the newest first. */
export function recentEmojis(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? "[]");
    return Array.isArray(stored) ? stored.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}

export function rememberEmoji(emoji: string): void {
  const recent = [emoji, ...recentEmojis().filter((each) => each !== emoji)].slice(0, maxRecent);
  localStorage.setItem(storageKey, JSON.stringify(recent));
}
