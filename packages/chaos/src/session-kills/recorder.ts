import { channels, type DataOf, type EventFrame, keys } from "@syszap/contracts";
import { splitPayload } from "@syszap/event-bus";
import { Redis } from "ioredis";

type Code = DataOf<"qr_code">;
type Status = DataOf<"session_status"> & { atMs: number };

/** Everything that the browsers of one company are told, as it is told. */
export class Recorder {
  readonly statuses: Status[] = [];
  /** When `new_message` came, for each message; more than one time is one too many. */
  readonly newMessages = new Map<string, number[]>();
  /** By the customer's number and the session: where agents answer. */
  readonly chats = new Map<string, string>();
  private readonly onCode = new Set<(code: Code) => void>();

  private constructor(private readonly redis: Redis) {}

  static async open(redisUrl: string, companyId: string): Promise<Recorder> {
    const redis = new Redis(redisUrl);
    redis.on("error", () => undefined);
    const recorder = new Recorder(redis);
    redis.on("messageBuffer", (_channel: Buffer, payload: Buffer) => recorder.take(payload));
    await redis.subscribe(channels.company(companyId));
    return recorder;
  }

  /** Calls with every QR code that is shown from now on. */
  whenCodeIsShown(take: (code: Code) => void): void {
    this.onCode.add(take);
  }

  close(): void {
    this.redis.disconnect();
  }

  private take(payload: Buffer): void {
    const parts = splitPayload(payload);
    if (!parts) throw new Error("a payload on the channel can't be read");
    const event = JSON.parse(parts.frame.toString()) as EventFrame;
    const atMs = Date.now();
    if (event.type === "session_status") this.statuses.push({ ...(event.data as DataOf<"session_status">), atMs });
    if (event.type === "qr_code") for (const take of this.onCode) take(event.data as Code);
    if (event.type === "new_message") this.takeMessage(event.data as DataOf<"new_message">, atMs);
  }

  private takeMessage(data: DataOf<"new_message">, atMs: number): void {
    this.newMessages.set(data.Id, [...(this.newMessages.get(data.Id) ?? []), atMs]);
    this.chats.set(chatName(data.Session_Id ?? "", data.Client.WhatsApp_Number), data.Chat_Id);
  }
}

/** How often the log of the company tells of each message; it keeps the last 2,000 events. */
export async function toldInLog(redisUrl: string, companyId: string): Promise<Map<string, number>> {
  const redis = new Redis(redisUrl);
  redis.on("error", () => undefined);
  try {
    const entries = (await redis.xrangeBuffer(keys.log(channels.company(companyId)), "-", "+")) as [Buffer, Buffer[]][];
    const told = new Map<string, number>();
    for (const [, fields] of entries) {
      const parts = fields[1] && splitPayload(fields[1]);
      if (!parts) throw new Error("an entry of the log can't be read");
      const { type, data } = JSON.parse(parts.frame.toString()) as EventFrame;
      if (type !== "new_message") continue;
      const { Id } = data as DataOf<"new_message">;
      told.set(Id, (told.get(Id) ?? 0) + 1);
    }
    return told;
  } finally {
    redis.disconnect();
  }
}

export const chatName = (sessionId: string, number: string): string => `${sessionId} ${number}`;
