/**
 * What the tabs of one browser share about notices. Each tab holds Web Locks, which the browser releases when the tab is closed or
 * crashes. Without Web Locks (pages without HTTPS) each tab decides alone.
 */
const prefix = "syszap.notices";
const visiblePrefix = `${prefix}.visible.`;

const locks = (): LockManager | undefined => globalThis.navigator?.locks;

/** True for the first tab that claims the name. The claim ends after `holdMs` or when its tab is closed. */
export function claim(name: string, holdMs: number): Promise<boolean> {
  const manager = locks();
  if (!manager) return Promise.resolve(true);
  return new Promise((resolve) => {
    const hold = (lock: Lock | null): Promise<void> | undefined => {
      resolve(lock !== null);
      return lock ? new Promise((end) => setTimeout(end, holdMs)) : undefined;
    };
    // A page that is being closed gets no locks.
    void manager.request(`${prefix}.${name}`, { ifAvailable: true }, hold).catch(() => resolve(false));
  });
}

/** Shows other tabs that this tab is visible, and which chat is open in it. Returns a function that ends it. */
export function holdVisible(chatId: string | undefined): () => void {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  void locks()
    ?.request(visiblePrefix + (chatId ?? ""), { mode: "shared" }, () => ended)
    .catch(() => undefined);
  return end;
}

/** The chats that are open in visible tabs; undefined for each visible tab without an open chat. Empty if no tab is visible. */
export async function visibleChats(): Promise<(string | undefined)[]> {
  const { held = [] } = (await locks()?.query()) ?? {};
  return held.flatMap(({ name }) =>
    name?.startsWith(visiblePrefix) ? [name.slice(visiblePrefix.length) || undefined] : [],
  );
}
