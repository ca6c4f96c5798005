import type { EngineFact, HistoryPage, HistoryRequest, ListedChat } from "../../contract/engine.ts";

const factsPerPage = 50;
/** Changes of messages that the phone does not have, such as those that the engine sent. */
const otherChanges = "changes";

/** The chats of a list of facts, and its last fact when they were sorted: the list only grows, or loses its first facts. */
const sorted = new WeakMap<readonly EngineFact[], { last: EngineFact | undefined; chats: Map<string, EngineFact[]> }>();

/** Sorts the facts again only if there are new ones, because a long history is read in many pages. */
function chatsOf(facts: readonly EngineFact[]): Map<string, EngineFact[]> {
  const known = sorted.get(facts);
  if (known && known.last === facts.at(-1)) return known.chats;
  const chats = sortIntoChats(facts);
  sorted.set(facts, { last: facts.at(-1), chats });
  return chats;
}

/** The facts of each chat, in the order in which they occurred. A change of a message belongs to the message's chat. */
function sortIntoChats(facts: readonly EngineFact[]): Map<string, EngineFact[]> {
  const chatOfMessage = new Map(
    facts.flatMap((fact) => (fact.kind === "message" ? [[fact.waKey, fact.waChatId]] : [])),
  );
  const chats = new Map<string, EngineFact[]>();
  for (const fact of facts) {
    const chat = ("waKey" in fact && chatOfMessage.get(fact.waKey)) || otherChanges;
    const ofChat = chats.get(chat);
    if (ofChat) ofChat.push(fact);
    else chats.set(chat, [fact]);
  }
  return chats;
}

export const listChats = (facts: readonly EngineFact[]): ListedChat[] =>
  [...chatsOf(facts)].map(([chat, ofChat]) => ({
    chat,
    newestMs: Math.max(...ofChat.map(({ timestampMs }) => timestampMs)),
    unread: null,
  }));

/** `before` is the position of a fact in its chat. */
export function readHistory(facts: readonly EngineFact[], request: HistoryRequest): HistoryPage {
  const { chat, before, sinceMs, changesFromMs } = request;
  const ofChat = chatsOf(facts).get(chat) ?? [];
  const end = before === null ? ofChat.length : Number(before);
  const start = Math.max(0, end - factsPerPage);
  const isChange = ({ kind }: EngineFact) => kind !== "message" && kind !== "contact";
  const wanted = ofChat
    .slice(start, end)
    .filter((fact) => fact.timestampMs >= (isChange(fact) ? changesFromMs : sinceMs));
  return { facts: wanted, before: start > 0 ? String(start) : null, unread: 0 };
}
