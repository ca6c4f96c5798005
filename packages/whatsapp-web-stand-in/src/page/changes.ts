import type { ToPage, WireReaction, WireVote } from "../protocol/protocol.ts";
import { MsgModel } from "./message-model.ts";
import { Model } from "./model.ts";
import { type PageModels, picture } from "./page-models.ts";
import { MsgKey, Wid } from "./wid.ts";

export type Modules = Record<string, Record<string, unknown>>;
type Change = Extract<
  ToPage,
  {
    kind:
      | "ack"
      | "edit"
      | "revoke"
      | "reaction"
      | "vote"
      | "group"
      | "location"
      | "typing"
      | "chat_read"
      | "contact"
      | "picture"
      | "blocked";
  }
>;

export const reactionsTo = (message: Model | undefined): readonly WireReaction[] =>
  (message?.attributes.reactions as readonly WireReaction[] | undefined) ?? [];

/** The last vote of each person in a poll. */
export const votesIn = (poll: Model | undefined): readonly WireVote[] =>
  (poll?.attributes.votes as readonly WireVote[] | undefined) ?? [];

function revoke(models: PageModels, frame: Extract<Change, { kind: "revoke" }>): void {
  const key = MsgKey.fromString(frame.id);
  const notice = new MsgModel({
    id: MsgKey.fromString(frame.revokeKey),
    from: key.fromMe ? models.me : key.remote,
    to: key.fromMe ? key.remote : models.me,
    type: "protocol",
    subtype: frame.author === undefined ? "sender_revoke" : "admin_revoke",
    ...(frame.author !== undefined && { author: new Wid(frame.author) }),
    protocolMessageKey: key,
    isNewMsg: true,
    t: frame.t,
  });
  void models.messages.processMultipleMessages(key.remote, [notice]);
  models.messages.get(frame.id)?.set({ type: "revoked", body: "" });
}
function react(models: PageModels, modules: Modules, frame: Extract<Change, { kind: "reaction" }>): void {
  const { id, text, sender, t } = frame.reaction;
  const message = models.messages.get(frame.id);
  const reactions = [...reactionsTo(message).filter((known) => known.sender !== sender), frame.reaction];
  message?.set({ hasReaction: reactions.some((each) => each.text !== ""), reactions });
  // Looked up for each call because wa-js replaces the function in its module.
  const update = modules.WAWebReactionsAction?.addOrUpdateReactionsModelCollection;
  if (typeof update !== "function") return;
  const reaction = {
    msgKey: id,
    parentMsgKey: frame.id,
    senderUserJid: sender,
    reactionText: text,
    t,
    read: false,
    orphan: 0,
  };
  update(reaction, true);
}

/** The page stores each decrypted vote by this function, which wa-js wraps to emit `chat.poll_response`. */
function vote(models: PageModels, modules: Modules, frame: Extract<Change, { kind: "vote" }>): void {
  const { sender, t, chosen } = frame.vote;
  const message = models.messages.get(frame.id);
  message?.set({ votes: [...votesIn(message).filter((known) => known.sender !== sender), frame.vote] });
  const upsertVotes = modules.WAWebPollsVotesDb?.upsertVotesDb;
  if (typeof upsertVotes !== "function") return;
  void upsertVotes([
    {
      parentMsgKey: MsgKey.fromString(frame.id),
      selectedOptionLocalIds: chosen,
      sender: new Wid(sender),
      senderTimestampMs: t,
    },
  ]);
}

/** Applies a frame that changes existing models. */
export function applyChange(models: PageModels, modules: Modules, frame: Change): void {
  switch (frame.kind) {
    case "ack":
      return void models.messages.get(frame.id)?.set({ ack: frame.ack });
    case "edit":
      return void models.messages
        .get(frame.id)
        ?.set({ body: frame.body, latestEditMsgKey: MsgKey.fromString(frame.editKey) });
    case "revoke":
      revoke(models, frame);
      break;
    case "reaction":
      react(models, modules, frame);
      break;
    case "vote":
      vote(models, modules, frame);
      break;
    case "group":
      models.group(frame.group);
      break;
    case "location":
      return void models.messages.get(frame.id)?.set(frame.attributes);
    case "typing": {
      const presence = models.presences.get(frame.chat);
      if (!presence) return;
      presence.set({ hasData: true, isOnline: true });
      presence.chatstate.set({ type: frame.state });
      models.presences.trigger("change:chatstate.type", presence.chatstate);
      return;
    }
    case "chat_read":
      return void models.chats.get(frame.chat)?.set({ unreadCount: 0 });
    case "blocked":
      return void models.blocklist.add(new Model({ id: new Wid(frame.wid) }));
    case "contact": {
      const { name, pushname, username } = frame.contact;
      return void models.contact(frame.contact).set({ name, pushname, ...(username !== undefined && { username }) });
    }
    case "picture": {
      const answer = frame.url === null ? null : { tag: frame.tag, url: frame.url };
      void models.pictures.find(new Wid(frame.wid)).then((known) => known.set({ eurl: null, ...picture(answer) }));
    }
  }
}
