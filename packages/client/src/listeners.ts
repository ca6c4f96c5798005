/** Callbacks by event type. An error of one listener is reported; the other listeners are still called. */
export class Listeners {
  private readonly byType = new Map<string, Set<(...args: never[]) => void>>();

  add(type: string, listener: (...args: never[]) => void): () => void {
    const listeners = this.byType.get(type) ?? new Set();
    this.byType.set(type, listeners);
    listeners.add(listener);
    return () => this.remove(type, listener);
  }

  remove(type: string, listener: (...args: never[]) => void): void {
    this.byType.get(type)?.delete(listener);
  }

  /** Returns false when nobody listens. */
  call(type: string, ...args: unknown[]): boolean {
    // Copied because a listener may add or remove listeners.
    const listeners = [...(this.byType.get(type) ?? [])];
    for (const listener of listeners) {
      try {
        listener(...(args as never[]));
      } catch (error) {
        report(error);
      }
    }
    return listeners.length > 0;
  }
}

function report(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else console.error(error);
}
