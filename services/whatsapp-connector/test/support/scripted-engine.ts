import type {
  CreateEngine,
  Engine,
  EngineContext,
  EngineListener,
  HistoryPage,
  HistoryRequest,
  ListedChat,
  Outgoing,
  OutgoingText,
  Pieces,
} from "../../src/engines/contract/engine.ts";
import { Recorder } from "./recorder.ts";

export const emptyPage: HistoryPage = { facts: [], before: null, unread: 0 };

/** An engine that the test controls: every answer can be replaced, every call is recorded. */
export class ScriptedEngine {
  readonly starts = new Recorder<EngineContext>();
  readonly stops = new Recorder<EngineContext>();
  readonly asked = new Recorder<{ what: "find" | "send"; message: Outgoing }>();
  readonly calls = new Recorder<{ what: string; args: unknown[] }>();
  /** Listener of the newest engine. */
  listener: EngineListener | undefined;

  onStart: (listener: EngineListener, context: EngineContext) => void = (listener, { sessionId }) =>
    listener.state("connected", { phoneNumber: numberOf(sessionId) });
  /** A start waits for this promise. */
  whileStarting: () => Promise<void> = async () => undefined;
  onStop: () => Promise<void> = async () => undefined;
  /** Called for each operation. Only texts have a body. */
  onSend: (message: OutgoingText) => Promise<void> = async () => undefined;
  /** Called by `setTyping` and `markRead`. */
  onCall: () => Promise<void> = async () => undefined;
  onFind: (waKey: string) => "absent" | "pending" | "accepted" = () => "absent";
  /** The chats of the account. By default one chat, so that each recovery reads once. */
  onListChats: () => Promise<ListedChat[]> = async () => [{ chat: "chat", newestMs: Date.now(), unread: 0 }];
  onReadHistory: (request: HistoryRequest) => Promise<HistoryPage> = async () => emptyPage;
  onPicture: (number: string) => Promise<Uint8Array | null> = async () => null;
  onDownload: (limitBytes: number) => Pieces | Promise<Uint8Array> = async () => new Uint8Array([1, 2, 3]);

  emit(): EngineListener {
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
    includeGroups: async (...args) => this.calls.push({ what: "includeGroups", args }),
    listChats: () => this.onListChats(),
    readHistory: async (request) => {
      this.calls.push({ what: "readHistory", args: [request] });
      return this.onReadHistory(request);
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

/** A phone number that is unique per session and the same on every connector. */
const numberOf = (sessionId: string) =>
  `5511${(Number.parseInt(sessionId.slice(0, 8), 16) % 1e9).toString().padStart(9, "9")}`;

/** Connector settings with this engine only. */
export const scripted = (engine: ScriptedEngine) => ({ engines: { simulator: engine.create } });
