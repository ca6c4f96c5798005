import type {
  CreateEngine,
  Engine,
  EngineContext,
  EngineListener,
  Outgoing,
  OutgoingText,
  Pieces,
} from "../../src/engines/contract/engine.ts";
import { Recorder } from "./recorder.ts";

/** WhatsApp as one test wants it: every answer can be replaced, every start and send is recorded. */
export class ScriptedEngine {
  readonly starts = new Recorder<EngineContext>();
  readonly stops = new Recorder<EngineContext>();
  readonly asked = new Recorder<{ what: "find" | "send"; message: Outgoing }>();
  readonly calls = new Recorder<{ what: string; args: unknown[] }>();
  /** What the newest engine would say. */
  listener: EngineListener | undefined;

  onStart: (listener: EngineListener, context: EngineContext) => void = (listener, { sessionId }) =>
    listener.state("connected", { phoneNumber: numberOf(sessionId) });
  /** A start ends when this has resolved. */
  whileStarting: () => Promise<void> = async () => undefined;
  onStop: () => Promise<void> = async () => undefined;
  /** Of what is no text only the address is there, and its kind. */
  onSend: (message: OutgoingText) => Promise<void> = async () => undefined;
  /** Of typing and reading: what the page makes of it. */
  onCall: () => Promise<void> = async () => undefined;
  onFind: (waKey: string) => "absent" | "pending" | "accepted" = () => "absent";
  onFetchSince: (sinceMs: number, changesFromMs: number) => Promise<void> = async () => undefined;
  onPicture: (number: string) => Promise<Uint8Array | null> = async () => null;
  onDownload: (limitBytes: number) => Pieces | Promise<Uint8Array> = async () => new Uint8Array([1, 2, 3]);

  say(): EngineListener {
    if (!this.listener) throw new Error("no engine was started");
    return this.listener;
  }

  readonly create: CreateEngine = (context): Engine => ({
    start: async () => {
      this.listener = context.listener;
      this.starts.push(context);
      await this.whileStarting();
      this.onStart(context.listener, context);
    },
    stop: async () => {
      this.stops.push(context);
      await this.onStop();
    },
    send: async (message) => {
      this.asked.push({ what: "send", message });
      await this.onSend(message as OutgoingText);
    },
    find: async (message) => {
      this.asked.push({ what: "find", message });
      return this.onFind(message.waKey);
    },
    setTyping: async (...args) => {
      this.calls.push({ what: "setTyping", args });
      await this.onCall();
    },
    markRead: async (...args) => {
      this.calls.push({ what: "markRead", args });
      await this.onCall();
    },
    fetchSince: async (...args) => {
      this.calls.push({ what: "fetchSince", args });
      await this.onFetchSince(...args);
    },
    fetchProfilePicture: (number) => this.onPicture(number),
    downloadMedia: (_media, limitBytes) => piecesOf(() => this.onDownload(limitBytes)),
    pairByPhone: async (...args) => this.calls.push({ what: "pairByPhone", args }),
    logOut: async (...args) => this.calls.push({ what: "logOut", args }),
  });
}

async function* piecesOf(open: () => Pieces | Promise<Uint8Array>): Pieces {
  const file = open();
  if (file instanceof Promise) yield await file;
  else yield* file;
}

/** A number lives in one session: each has its own, the same wherever it runs. */
const numberOf = (sessionId: string) =>
  `5511${(Number.parseInt(sessionId.slice(0, 8), 16) % 1e9).toString().padStart(9, "9")}`;

/** For a connector that runs nothing else. */
export const scripted = (engine: ScriptedEngine) => ({ engines: { simulator: engine.create } });
