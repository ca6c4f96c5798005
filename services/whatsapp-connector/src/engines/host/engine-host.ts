import type { CreateEngine, Engine, EngineListener } from "../contract/engine.ts";
import { SendError } from "../contract/engine.ts";
import type { PhoneControl } from "../simulator/simulated-phones.ts";
import type { Deadline } from "./deadline.ts";
import { isPieces, OfferedFiles } from "./offered-files.ts";
import { type EngineMethod, type HostOrder, type HostReport, mostBytesPassed } from "./protocol.ts";
import { refusalOf } from "./refusal.ts";
import { Uplink } from "./sent-files.ts";

/** What reaches WhatsApp: only while the lease lasts. */
const acts: ReadonlySet<EngineMethod> = new Set([
  "start",
  "send",
  "setTyping",
  "markRead",
  "pairByPhone",
  "logOut",
] as const);

/** Called with an order, whose file is with the connector. */
const takesOrder: ReadonlySet<EngineMethod> = new Set(["send", "find"] as const);

export interface HostDependencies {
  engine: Engine;
  phone: () => PhoneControl | undefined;
  deadline: Deadline;
  report(report: HostReport): void;
}

/** The far side of `RemoteEngine`: carries out its calls on the engine that lives in this process. */
export class EngineHost {
  private readonly files = new OfferedFiles();

  private readonly uplink: Uplink;

  constructor(private readonly given: HostDependencies) {
    this.uplink = new Uplink((question) => given.report(question));
  }

  /** Never rejects: the answer or the refusal is reported. */
  async carryOut(order: Exclude<HostOrder, { kind: "begin" | "deadline" }>): Promise<void> {
    if (order.kind === "drop") return this.files.drop(order.file);
    if (order.kind === "piece") return this.uplink.answered(order);
    const { id } = order;
    try {
      const result = await this.resultOf(order);
      if (result instanceof Uint8Array && result.byteLength > mostBytesPassed)
        throw new Error(`the file is larger than ${mostBytesPassed} bytes`);
      this.given.report({ kind: "answer", id, result });
    } catch (err) {
      this.given.report({ kind: "refusal", id, refusal: refusalOf(err) });
    }
  }

  private resultOf(order: Extract<HostOrder, { kind: "call" | "phone" | "pull" }>): Promise<unknown> {
    if (order.kind === "pull") return this.files.pull(order.file);
    return order.kind === "call" ? this.call(order) : this.orderPhone(order);
  }

  private async call({ method, args }: { method: EngineMethod; args: unknown[] }): Promise<unknown> {
    if (acts.has(method) && this.given.deadline.isPast)
      throw new SendError("the right to run this session has ended", "transient");
    const { engine } = this.given;
    const given = takesOrder.has(method) ? args.map((order) => this.uplink.received(order as never)) : args;
    const result = await (engine[method] as (...args: unknown[]) => unknown).apply(engine, given);
    return isPieces(result) ? this.files.offer(result) : result;
  }

  private async orderPhone({ method, args }: { method: keyof PhoneControl; args: unknown[] }): Promise<unknown> {
    const phone = this.given.phone();
    if (!phone) throw new Error("no simulated phone runs here");
    return await (phone[method] as (...args: unknown[]) => unknown).apply(phone, args);
  }
}

/** Says everything to the connector, in the order in which the engine said it. */
export function reportingListener(report: HostDependencies["report"]): Parameters<CreateEngine>[0]["listener"] {
  const listener: EngineListener = {
    qr: (...args) => report({ kind: "said", what: "qr", args }),
    pairingCode: (...args) => report({ kind: "said", what: "pairingCode", args }),
    pairingRefused: (...args) => report({ kind: "said", what: "pairingRefused", args }),
    state: (...args) => report({ kind: "said", what: "state", args }),
    fact: (...args) => report({ kind: "said", what: "fact", args }),
    unknownPayload: (...args) => report({ kind: "said", what: "unknownPayload", args }),
    typing: (...args) => report({ kind: "said", what: "typing", args }),
  };
  return listener;
}
