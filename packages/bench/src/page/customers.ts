import { commandPhone, type SeededChat, type SeededProduct } from "./seeded-product.ts";

/** Number of other chats that also receive messages. */
const busyChats = 100;
/** Messages in one command to the simulated phone. */
const batch = 500;

/** What each body of a customer begins with. */
export const bodyPrefix = "recado ";
const bodyOf = (number: number): string => `${bodyPrefix}${number}.`;

/** What customers wrote, by chat, oldest first. */
export class Ledger {
  private readonly byChat = new Map<string, string[]>();
  private count = 0;

  next({ id }: SeededChat): string {
    this.count += 1;
    const body = bodyOf(this.count);
    this.byChat.set(id, [...(this.byChat.get(id) ?? []), body]);
    return body;
  }

  get last(): string {
    return bodyOf(this.count);
  }

  of(chatId: string): readonly string[] {
    return this.byChat.get(chatId) ?? [];
  }

  /** The newest message of each chat. */
  get newest(): ReadonlyMap<string, string> {
    return new Map([...this.byChat].flatMap(([id, bodies]) => (bodies.length > 0 ? [[id, bodies.at(-1) ?? ""]] : [])));
  }
}

/** Customers write at a constant rate: every second message to the long chat, the others to many chats in turn. */
export async function write(
  product: SeededProduct,
  ledger: Ledger,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<number> {
  const { run, sessionId, longChat, otherChats } = product;
  const others = otherChats.slice(0, busyChats);
  const total = perSecond * seconds;
  for (let written = 0; written < total; written += batch) {
    const messages = Array.from({ length: Math.min(batch, total - written) }, (_, index) => {
      const number = written + index;
      const chat = number % 2 === 0 ? longChat : (others[(number >> 1) % others.length] ?? longChat);
      return { from: chat.number, body: ledger.next(chat) };
    });
    await commandPhone(run, sessionId, "messages", { messages, everyMs: 1_000 / perSecond });
  }
  return total;
}
