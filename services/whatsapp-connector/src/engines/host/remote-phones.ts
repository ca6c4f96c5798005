import type { OrderedPhone, PhoneControl } from "../simulator/simulated-phones.ts";
import type { RemoteEngine } from "./remote-engine.ts";

const orders = [
  ...([
    "scan",
    "typeCode",
    "message",
    "rename",
    "changePicture",
    "typing",
    "receipt",
    "edit",
    "revoke",
    "react",
  ] as const),
  ...(["drop", "restore", "unlink", "crash", "setTraffic", "acts"] as const),
] satisfies (keyof PhoneControl)[];

/** The simulated phones that run in processes of their own, by session. */
export class RemotePhones {
  private readonly engines = new Map<string, RemoteEngine>();

  add(sessionId: string, engine: RemoteEngine): void {
    this.engines.set(sessionId, engine);
  }

  find(sessionId: string): OrderedPhone | undefined {
    const engine = this.engines.get(sessionId);
    if (!engine) return undefined;
    const order =
      (name: keyof PhoneControl) =>
      (...args: unknown[]) =>
        engine.order(name, args);
    return Object.fromEntries(orders.map((name) => [name, order(name)])) as unknown as OrderedPhone;
  }
}
