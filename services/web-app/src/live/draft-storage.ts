const prefix = "syszap.draft.";
/** Bounds of the stored texts of one user. The oldest are removed first. */
const maxDrafts = 200;
const maxTotalLength = 1_000_000;

interface StoredDraft {
  chatId: string;
  key: string;
  text: string;
  savedAtMs: number;
}

/** The unsent texts of a user on this device, one entry per chat, so that the tabs of a browser do not overwrite each other. */
export class DraftStorage {
  private readonly prefix: string;

  constructor(userId: string) {
    this.prefix = `${prefix}${userId}.`;
  }

  read(): Map<string, string> {
    return new Map(this.entries().map(({ chatId, text }) => [chatId, text]));
  }

  /** An empty text removes the entry. */
  write(chatId: string, text: string): void {
    const key = this.prefix + chatId;
    if (text === "") {
      localStorage.removeItem(key);
      return;
    }
    const value = JSON.stringify({ text, savedAtMs: Date.now() });
    const others = this.entries().filter((each) => each.key !== key);
    let length = others.reduce((sum, each) => sum + each.text.length, text.length);
    while (others.length > 0 && (others.length >= maxDrafts || length > maxTotalLength)) {
      const oldest = others.shift();
      length -= oldest?.text.length ?? 0;
      localStorage.removeItem(oldest?.key ?? "");
    }
    while (!isStored(key, value)) {
      const oldest = others.shift();
      if (!oldest) return;
      localStorage.removeItem(oldest.key);
    }
  }

  /** The chat and the text of a change that another tab made; undefined for other changes. */
  changeOf({ key, newValue }: StorageEvent): { chatId: string; text: string } | undefined {
    if (!key?.startsWith(this.prefix)) return undefined;
    return { chatId: key.slice(this.prefix.length), text: parse(newValue)?.text ?? "" };
  }

  /** Removes the texts of all users. */
  static eraseAll(): void {
    for (const key of keysWith(prefix)) localStorage.removeItem(key);
  }

  /** Oldest first. */
  private entries(): StoredDraft[] {
    const found = keysWith(this.prefix).flatMap((key) => {
      const stored = parse(localStorage.getItem(key));
      return stored ? [{ ...stored, key, chatId: key.slice(this.prefix.length) }] : [];
    });
    return found.sort((one, other) => one.savedAtMs - other.savedAtMs);
  }
}

const keysWith = (start: string): string[] => Object.keys(localStorage).filter((key) => key.startsWith(start));

/** False if the device has no space left. */
function isStored(key: string, value: string): boolean {
  try {
    localStorage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

function parse(value: string | null): { text: string; savedAtMs: number } | undefined {
  try {
    const { text, savedAtMs } = JSON.parse(value ?? "") as Partial<StoredDraft>;
    return typeof text === "string" && typeof savedAtMs === "number" ? { text, savedAtMs } : undefined;
  } catch {
    return undefined;
  }
}
