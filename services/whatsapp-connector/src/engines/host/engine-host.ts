import type { Engine, EngineListener } from "../contract/engine.ts";
import { SendError } from "../contract/engine.ts";
import type { Deadline } from "./deadline.ts";
import { toErrorMessage } from "./error-message.ts";
import { isPieces, OfferedFiles } from "./offered-files.ts";
import { type EngineMethod, type HostCommand, type HostReport, maxResultBytes } from "./protocol.ts";
import { Uplink } from "./sent-files.ts";

/** Methods that reach WhatsApp. They are refused once the lease has ended. */
const actingMethods: ReadonlySet<EngineMethod> = new Set([
  "start",
  "send",
  "setTyping",
  "markRead",
  "pairByPhone",
  "logOut",
] as const);

/** Methods whose argument is an outbound operation; its file stays with the connector. */
const outgoingMethods: ReadonlySet<EngineMethod> = new Set(["send", "find"] as const);

export interface HostDependencies {
  engine: Engine;
  /** Undefined while the engine does not run, or if it has no control. */
  control: () => object | undefined;
  deadline: Deadline;
  report(report: HostReport): void;
}

/** Carries out the calls of a `RemoteEngine` on the engine in this process. */
export class EngineHost {
  private readonly files = new OfferedFiles();
  private readonly uplink: Uplink;

  constructor(private readonly dependencies: HostDependencies) {
    this.uplink = new Uplink((request) => dependencies.report(request));
  }

  /** Reports the result or the error; never rejects. */
  async carryOut(command: Exclude<HostCommand, { kind: "begin" | "deadline" }>): Promise<void> {
    if (command.kind === "drop") return this.files.drop(command.file);
    if (command.kind === "piece") return this.uplink.receive(command);
    const { id } = command;
    const { report } = this.dependencies;
    try {
      const result = await this.resultOf(command);
      if (result instanceof Uint8Array && result.byteLength > maxResultBytes)
        throw new Error(`the file is larger than ${maxResultBytes} bytes`);
      report({ kind: "result", id, result });
    } catch (err) {
      report({ kind: "error", id, error: toErrorMessage(err) });
    }
  }

  private resultOf(command: Extract<HostCommand, { kind: "call" | "control" | "pull" }>): Promise<unknown> {
    if (command.kind === "pull") return this.files.pull(command.file);
    return command.kind === "call" ? this.call(command) : this.callControl(command);
  }

  private async call({ method, args }: { method: EngineMethod; args: unknown[] }): Promise<unknown> {
    const { engine, deadline } = this.dependencies;
    if (actingMethods.has(method) && deadline.isPast)
      throw new SendError("the lease of the session has ended", "transient");
    const received = outgoingMethods.has(method) ? args.map((arg) => this.uplink.toOutgoing(arg as never)) : args;
    const result = await (engine[method] as (...args: unknown[]) => unknown).apply(engine, received);
    return isPieces(result) ? this.files.offer(result) : result;
  }

  private async callControl({ method, args }: { method: string; args: unknown[] }): Promise<unknown> {
    const control = this.dependencies.control() as Record<string, (...args: unknown[]) => unknown> | undefined;
    if (!control) throw new Error("the engine does not run, or has no control");
    if (!Object.hasOwn(control, method)) throw new Error(`the engine's control has no method ${method}`);
    return await control[method]?.(...args);
  }
}

/** Reports every event to the connector, in the order in which the engine emits them. */
export function reportingListener(report: HostDependencies["report"]): EngineListener {
  return {
    qr: (...args) => report({ kind: "event", event: "qr", args }),
    pairingCode: (...args) => report({ kind: "event", event: "pairingCode", args }),
    pairingRefused: (...args) => report({ kind: "event", event: "pairingRefused", args }),
    state: (...args) => report({ kind: "event", event: "state", args }),
    fact: (...args) => report({ kind: "event", event: "fact", args }),
    unknownPayload: (...args) => report({ kind: "event", event: "unknownPayload", args }),
    missed: (...args) => report({ kind: "event", event: "missed", args }),
    typing: (...args) => report({ kind: "event", event: "typing", args }),
  };
}
