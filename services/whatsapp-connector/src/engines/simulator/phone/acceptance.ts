import type { AgentAct } from "./account-action.ts";

const mostActs = 100;

/** WhatsApp's answer to what is done from here: at once, or while it is held not before `release`. */
export class Acceptance {
  private opening: Promise<void> | undefined;
  private open = (): void => undefined;
  private readonly pending = new Set<string>();
  private readonly listeners = new Set<(act: AgentAct) => void>();
  /** The last of them, oldest first. */
  readonly acts: AgentAct[] = [];

  hold(): void {
    this.opening ??= new Promise((resolve) => {
      this.open = resolve;
    });
  }
  release(): void {
    this.opening = undefined;
    this.open();
  }
  isPending(waKey: string): boolean {
    return this.pending.has(waKey);
  }
  /** Resolves when WhatsApp looks at the message. */
  async turnOf(waKey: string): Promise<void> {
    const { opening } = this;
    if (!opening) return;
    this.pending.add(waKey);
    await opening;
    this.pending.delete(waKey);
  }
  /** Called with every act from now on; returns how to end it. */
  onAct(listener: (act: AgentAct) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  happened(act: AgentAct): void {
    this.acts.push(act);
    if (this.acts.length > mostActs) this.acts.shift();
    for (const listener of this.listeners) listener(act);
  }
}
