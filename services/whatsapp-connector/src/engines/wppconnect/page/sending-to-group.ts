/** Functions that prepare sending to a group in WhatsApp's page; the rules of `page/account.ts` apply. */
import type { Target } from "./sending.ts";

interface PageMessage {
  id: { toString(): string };
  [attribute: string]: unknown;
}

interface PageMetadata {
  announce?: unknown;
  participants: { iAmMember(): boolean; iAmAdmin(): boolean };
}

interface PageWid {
  _serialized: string;
}

interface GroupPage {
  WPP: {
    chat: {
      get(id: string): { id: object; msgs?: { getModelsArray(): PageMessage[] } } | undefined;
      getMessageById(id: string): Promise<PageMessage>;
      getMessages(chat: string, options: { count: number }): Promise<PageMessage[]>;
    };
    whatsapp: {
      UserPrefs: { getMaybeMePnUser(): PageWid | null; getMaybeMeLidUser?(): PageWid | null };
      GroupMetadataStore: { find(id: object): Promise<PageMetadata | undefined> };
      MsgStore: { get(id: string): PageMessage | undefined };
    };
  };
}

/**
 * The key of a message in a group contains the id of its sender. If that is not known, the message is searched among the newest
 * ones. Returns null if the page does not have the group.
 */
export async function findInGroup(request: {
  chat: string;
  message: { fromMe: boolean; waKey: string; senders: string[] } | null;
}): Promise<Target | null> {
  const { WPP } = globalThis as unknown as GroupPage;
  const chat = WPP.chat.get(request.chat);
  if (!chat) return null;
  const id = String(chat.id);
  const { UserPrefs, GroupMetadataStore, MsgStore } = WPP.whatsapp;
  const own = [UserPrefs.getMaybeMeLidUser?.(), UserPrefs.getMaybeMePnUser()].flatMap((wid) => wid?._serialized ?? []);
  const metadata = await GroupMetadataStore.find(chat.id);
  let refusal: Target["refusal"] = null;
  if (metadata && !metadata.participants.iAmMember()) refusal = "not_a_member";
  else if (metadata?.announce === true && !metadata.participants.iAmAdmin()) refusal = "admins_only";
  const target: Target = { chat: id, refusal, participant: own[0] ?? null, message: null };
  if (!request.message) return target;
  const { fromMe, waKey, senders } = request.message;
  const start = `${fromMe}_${id}_${waKey}`;
  const keys = [...(fromMe ? own : senders).map((sender) => `${start}_${sender}`), start];
  let found = keys.map((key) => MsgStore.get(key)).find(Boolean);
  found ??= chat.msgs?.getModelsArray().find((message) => String(message.id).startsWith(`${start}_`));
  for (const key of found ? [] : keys) {
    try {
      found = await WPP.chat.getMessageById(key);
      break;
    } catch (error) {
      if (!/not found/i.test(String(error))) throw error;
    }
  }
  if (!found && senders.length === 0 && !fromMe) {
    const newest = await WPP.chat.getMessages(id, { count: 200 });
    found = newest.find((message) => String(message.id).startsWith(`${start}_`));
  }
  if (!found) return target;
  const message = {
    id: String(found.id),
    isDeleted: found.type === "revoked",
    seconds: Number(found.t ?? 0),
    editKey: found.latestEditMsgKey ? (String(found.latestEditMsgKey).split("_")[2] ?? null) : null,
  };
  return { ...target, message };
}
