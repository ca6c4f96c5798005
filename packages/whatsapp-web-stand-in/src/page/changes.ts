import type { ToPage } from "../protocol.ts";
import { MsgModel } from "./message-model.ts";
import { Model } from "./model.ts";
import { MsgKey, Wid } from "./wid.ts";
import { picture, type World } from "./world.ts";

export type Modules = Record<string, Record<string, unknown>>;
type Change = Extract<
  ToPage,
  { kind: "ack" | "edit" | "revoke" | "reaction" | "typing" | "contact" | "picture" | "blocked" }
>;

function revoke(world: World, frame: Extract<Change, { kind: "revoke" }>): void {
  const key = MsgKey.fromString(frame.id);
  const notice = new MsgModel({
    id: MsgKey.fromString(frame.revokeKey),
    from: key.fromMe ? world.me : key.remote,
    to: key.fromMe ? key.remote : world.me,
    type: "protocol",
    subtype: "sender_revoke",
    protocolMessageKey: key,
    isNewMsg: true,
    t: frame.t,
  });
  void world.messages.processMultipleMessages(key.remote, [notice]);
  world.messages.get(frame.id)?.set({ type: "revoked", body: "" });
}
function react(world: World, modules: Modules, frame: Extract<Change, { kind: "reaction" }>): void {
  const { id, text, sender, t } = frame.reaction;
  world.messages.get(frame.id)?.set({ hasReaction: text !== "", reaction: frame.reaction });
  // Looked up at each call: wa-js replaces the function in its module.
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

/** What the server tells about things that the page knows already. */
export function applyChange(world: World, modules: Modules, frame: Change): void {
  switch (frame.kind) {
    case "ack":
      return void world.messages.get(frame.id)?.set({ ack: frame.ack });
    case "edit":
      return void world.messages
        .get(frame.id)
        ?.set({ body: frame.body, latestEditMsgKey: MsgKey.fromString(frame.editKey) });
    case "revoke":
      revoke(world, frame);
      break;
    case "reaction":
      react(world, modules, frame);
      break;
    case "typing": {
      const presence = world.presences.get(frame.chat);
      if (!presence) return;
      presence.set({ hasData: true, isOnline: true });
      presence.chatstate.set({ type: frame.state });
      world.presences.trigger("change:chatstate.type", presence.chatstate);
      return;
    }
    case "blocked":
      return void world.blocklist.add(new Model({ id: new Wid(frame.wid) }));
    case "contact": {
      const { name, pushname } = frame.contact;
      return void world.contact(frame.contact).set({ name, pushname });
    }
    case "picture": {
      const answer = frame.url === null ? null : { tag: frame.tag, url: frame.url };
      void world.pictures.find(new Wid(frame.wid)).then((known) => known.set({ eurl: null, ...picture(answer) }));
    }
  }
}
