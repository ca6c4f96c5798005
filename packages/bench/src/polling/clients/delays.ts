/** Bodies of messages that do not belong to the conversation start with this text. */
export const warmUpMark = "aquecimento";

/** Delays from WhatsApp's emit to all clients, in milliseconds. */
export class Delays {
  readonly all: number[] = [];

  add(body: string, emittedAtMs: number): void {
    if (body.startsWith(warmUpMark)) return;
    this.all.push(performance.timeOrigin + performance.now() - emittedAtMs);
  }
}
