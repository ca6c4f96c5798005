import type { AccountAction } from "./account-action.ts";

const maxActions = 100;

/** Simulates when WhatsApp accepts what the engine sends: at once, or after `release` while it is held. */
export class Acceptance {
  private opening: Promise<void> | undefined;
  private open = (): void => undefined;
  private readonly pending = new Set<string>();
  private readonly listeners = new Set<(action: AccountAction) => void>();
  /** The most recent actions, oldest first. */
  readonly actions: AccountAction[] = [];

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

  /** Resolves when WhatsApp processes the message. */
  async whenProcessed(waKey: string): Promise<void> {
    const { opening } = this;
    if (!opening) return;
    this.pending.add(waKey);
    await opening;
    this.pending.delete(waKey);
  }

  /** Calls the listener with every further action. Returns a function that ends the subscription. */
  onAction(listener: (action: AccountAction) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  record(action: AccountAction): void {
    this.actions.push(action);
    if (this.actions.length > maxActions) this.actions.shift();
    for (const listener of this.listeners) listener(action);
  }
}
