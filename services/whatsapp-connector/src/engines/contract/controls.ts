/**
 * Controls of the simulated engines that run now, by session id. A control has methods for everything that WhatsApp and
 * its users do by themselves, so that tests and the demo can trigger it.
 */
export class EngineControls {
  private readonly controls = new Map<string, object>();

  /** Replaces an earlier control of the session. Returns a function that removes the control. */
  add(sessionId: string, control: object): () => void {
    this.controls.set(sessionId, control);
    return () => {
      if (this.controls.get(sessionId) === control) this.controls.delete(sessionId);
    };
  }

  find(sessionId: string): object | undefined {
    return this.controls.get(sessionId);
  }
}
