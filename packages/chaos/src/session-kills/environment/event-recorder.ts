import { channels, type DataOf, type EventFrame, keys } from "@syszap/contracts";
import { splitPayload } from "@syszap/event-bus";
import { Redis } from "ioredis";

type Code = DataOf<"qr_code">;
type Status = DataOf<"session_status"> & { atMs: number };

/** Records the events of one company's channel, which its browsers receive. */
export class EventRecorder {
  readonly statuses: Status[] = [];
  /** Arrival times of `new_message` per message id. More than one means a duplicate. */
  readonly newMessages = new Map<string, number[]>();
  /** Chat ids by `chatName`. Agents answer in these chats. */
  readonly chats = new Map<string, string>();
  private readonly onCode = new Set<(code: Code) => void>();

  private constructor(private readonly redis: Redis) {}

  static async open(redisUrl: string, companyId: string): Promise<EventRecorder> {
    const redis = new Redis(redisUrl);
    redis.on("error", () => undefined);
    const recorder = new EventRecorder(redis);
    redis.on("messageBuffer", (_channel: Buffer, payload: Buffer) => recorder.record(payload));
    await redis.subscribe(channels.company(companyId));
    return recorder;
  }

  /** Calls the listener for every QR code from now on. */
  onQrCode(listener: (code: Code) => void): void {
    this.onCode.add(listener);
  }

  close(): void {
    this.redis.disconnect();
  }

  private record(payload: Buffer): void {
    const parts = splitPayload(payload);
    if (!parts) throw new Error("A payload on the channel cannot be parsed.");
    const event = JSON.parse(parts.frame.toString()) as EventFrame;
    const atMs = Date.now();
    if (event.type === "session_status") this.statuses.push({ ...(event.data as DataOf<"session_status">), atMs });
    if (event.type === "qr_code") for (const listener of this.onCode) listener(event.data as Code);
    if (event.type === "new_message") this.recordMessage(event.data as DataOf<"new_message">, atMs);
  }

  private recordMessage(data: DataOf<"new_message">, atMs: number): void {
    this.newMessages.set(data.Id, [...(this.newMessages.get(data.Id) ?? []), atMs]);
    this.chats.set(chatName(data.Session_Id ?? "", data.Client?.WhatsApp_Number ?? ""), data.Chat_Id);
  }
}

/** The events in the company's Redis log, which holds the last 2,000. Browsers that reconnect read them from there. */
export async function readRedisLog(redisUrl: string, companyId: string): Promise<EventFrame[]> {
  const redis = new Redis(redisUrl);
  redis.on("error", () => undefined);
  try {
    const entries = (await redis.xrangeBuffer(keys.log(channels.company(companyId)), "-", "+")) as [Buffer, Buffer[]][];
    return entries.map(([, fields]) => {
      const parts = fields[1] && splitPayload(fields[1]);
      if (!parts) throw new Error("An entry of the log cannot be parsed.");
      return JSON.parse(parts.frame.toString()) as EventFrame;
    });
  } finally {
    redis.disconnect();
  }
}

export const chatName = (sessionId: string, number: string): string => `${sessionId} ${number}`;
