const steps: Record<string, number> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
/** Pause after which a typed character begins a new search. */
const searchPauseMs = 700;

/** Letters that were typed to find an item of a menu. */
export class MenuSearch {
  private typed = "";
  private lastAtMs = Number.NEGATIVE_INFINITY;

  /** The next item that begins with what was typed. Repeating one letter moves through the items that begin with it. */
  find(key: string, at: number, labels: readonly string[], nowMs: number): number | undefined {
    this.typed = nowMs - this.lastAtMs > searchPauseMs ? key : this.typed + key;
    this.lastAtMs = nowMs;
    const isRepeated = [...this.typed].every((letter) => letter === key);
    const wanted = isRepeated ? key : this.typed;
    const from = isRepeated ? at + 1 : Math.max(0, at);
    return labels
      .map((_, offset) => (from + offset) % labels.length)
      .find((index) => plain(labels[index] ?? "").startsWith(plain(wanted)));
  }
}

/** The item to which a key moves the focus from the item `at` (-1: none). Undefined: the key does not move it. */
export function itemForKey(key: string, at: number, labels: readonly string[], search: MenuSearch): number | undefined {
  if (labels.length === 0) return undefined;
  if (key === "Home") return 0;
  if (key === "End") return labels.length - 1;
  const step = steps[key];
  if (step !== undefined)
    return at === -1 && step === -1 ? labels.length - 1 : (at + step + labels.length) % labels.length;
  const isCharacter = [...key].length === 1 && key !== " ";
  return isCharacter ? search.find(key, at, labels, performance.now()) : undefined;
}

/** Without accents and case, so that "e" finds "É". */
const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
