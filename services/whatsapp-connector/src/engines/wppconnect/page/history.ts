/** Functions that read the past messages of chats in WhatsApp's page; the rules of `page/account.ts` apply. */
import type { ListedChat } from "../../contract/history.ts";

interface PageModel {
  id: { toString(): string };
  [attribute: string]: unknown;
}

interface PageReaction {
  id: object;
  msgId: object;
  sender: object;
  reactionText: string;
  timestamp: number;
}

interface PageVote {
  /** Options that are not chosen are holes in the list. */
  selectedOptions: ({ name: string } | undefined)[];
  timestamp: number;
  sender: object;
}

interface ReadyPage {
  WPP: {
    chat: {
      get(id: string): PageModel | undefined;
      getMessageById(id: string): Promise<PageModel>;
      getMessages(chat: string, options: { count: number; id?: string; direction?: "before" }): Promise<PageModel[]>;
      getReactions(id: string): Promise<{ reactions: { senders: PageReaction[] }[] }>;
      getVotes(id: string): Promise<{ votes: PageVote[] }>;
    };
    contact: { getPnLidEntry(id: string): Promise<{ phoneNumber?: { id: string } }> };
    whatsapp: { ChatStore: { getModelsArray(): PageModel[] }; MsgStore: { get(id: string): PageModel | undefined } };
  };
  WAPI: { processMessageObj(message: PageModel, alsoOurs: boolean, notices: boolean): unknown };
  /** True while `readHistory` runs: a call that timed out in the engine may still run in the page. */
  syszapReadsHistory?: boolean;
}

/** Lists the chats with contacts and the groups. The page reads the numbers of LIDs from its own cache. */
export function listChats(): Promise<ListedChat[]> {
  const page = globalThis as unknown as ReadyPage;
  return Promise.all(
    page.WPP.whatsapp.ChatStore.getModelsArray()
      .filter(({ id }) => /@(c\.us|lid|g\.us)$/.test(String(id)))
      .map(async (chat) => {
        const id = String(chat.id);
        const unread = Number(chat.unreadCount ?? 0); // -1: marked as unread by hand
        let waChatId = id;
        try {
          const number = id.endsWith("@lid") ? (await page.WPP.contact.getPnLidEntry(id)).phoneNumber : undefined;
          if (number) waChatId = `${number.id}@c.us`;
        } catch {
          // the chat keeps its LID
        }
        return {
          chat: id,
          waChatId,
          newestMs: Number(chat.t ?? 0) * 1_000,
          unread: Math.max(0, unread),
          isMarkedUnread: unread < 0,
        };
      }),
  );
}

export interface HistoryBounds {
  chat: string;
  before: string | null;
  unread: number;
  seconds: number;
  changesFromSeconds: number;
  /** Number of messages to read, and the most when they are all of one second. */
  count: number;
  maxCount: number;
}

/**
 * Returns messages in the library's form, oldest first: `messages` since `seconds` or unread, `changed` older messages since
 * `changesFromSeconds`, and `reactions` to and `votes` in any of them. As JSON, since the page's ids are objects. Timestamps are whole seconds,
 * and messages of the same second keep the order in which they are emitted, so the messages of the oldest second are left for
 * the next page.
 */
export async function readHistory(wanted: HistoryBounds): Promise<string> {
  const page = globalThis as unknown as ReadyPage;
  if (page.syszapReadsHistory) throw new Error("an earlier read of the history still runs");
  page.syszapReadsHistory = true;
  try {
    const { chat, changesFromSeconds } = wanted;
    const result = {
      messages: [] as unknown[],
      changed: [] as unknown[],
      reactions: [] as unknown[],
      votes: [] as unknown[],
      before: null as string | null,
      unread: wanted.unread,
    };
    if (!page.WPP.chat.get(chat)) return JSON.stringify(result);
    let { before } = wanted;
    let found: PageModel[] = [];
    let count = wanted.count;
    let isEnd = false;
    for (;;) {
      const position = before === null ? {} : { id: before, direction: "before" as const };
      found = await page.WPP.chat.getMessages(chat, { count, ...position });
      if (found.length === 0 && before !== null && !page.WPP.whatsapp.MsgStore.get(before)) {
        try {
          await page.WPP.chat.getMessageById(before);
        } catch {
          before = null; // that message was deleted: begin at the newest one again
          continue;
        }
      }
      const oldest = Number(found[0]?.t ?? 0);
      // Some messages of a part may be left out by the page, but never half of them.
      isEnd = found.length < count / 2 || (oldest < changesFromSeconds && wanted.unread === 0);
      if (isEnd || found.some(({ t }) => Number(t ?? 0) > oldest) || count >= wanted.maxCount) break;
      count *= 2;
    }
    const oldest = Number(found[0]?.t ?? 0);
    const isOneSecond = found.every(({ t }) => Number(t ?? 0) === oldest);
    const whole = isEnd || isOneSecond ? found : found.filter(({ t }) => Number(t ?? 0) > oldest);
    // Notifications do not count as unread.
    const received = whole.filter(({ id, isNotification }) => String(id).startsWith("false_") && !isNotification);
    const unread = Math.min(wanted.unread, received.length);
    const oldestUnread = unread > 0 ? Number(received[received.length - unread]?.t ?? 0) : Number.POSITIVE_INFINITY;
    result.unread = wanted.unread - unread;
    if (!isEnd) result.before = String(whole[0]?.id);
    for (const message of whole) {
      const seconds = Number(message.t ?? 0);
      const isNew = seconds >= Math.min(wanted.seconds, oldestUnread);
      if (!isNew && seconds < changesFromSeconds) continue;
      const known = page.WAPI.processMessageObj(message, true, true);
      if (!known) continue;
      (isNew ? result.messages : result.changed).push(known);
      if (message.type === "poll_creation") {
        try {
          const { votes } = await page.WPP.chat.getVotes(String(message.id));
          for (const vote of votes)
            result.votes.push({ ...vote, msgId: String(message.id), sender: String(vote.sender) });
        } catch {
          // the poll is emitted without its votes
        }
      }
      if (message.hasReaction !== true) continue;
      try {
        const { reactions } = await page.WPP.chat.getReactions(String(message.id));
        for (const { id, msgId, sender, reactionText, timestamp } of reactions.flatMap(({ senders }) => senders)) {
          const ids = { id: String(id), msgId: String(msgId), sender: String(sender) };
          result.reactions.push({ ...ids, reactionText, timestamp });
        }
      } catch {
        // the message is emitted without its reactions
      }
    }
    return JSON.stringify(result);
  } finally {
    page.syszapReadsHistory = false;
  }
}
