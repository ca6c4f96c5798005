import type { Note } from "@syszap/contracts";
import { isContact, isGroup, type ParsedKey } from "../addresses.ts";
import { filled } from "../content/text.ts";
import type { VendorMessage } from "../vendor.ts";

/** A notification of WhatsApp, with the ids of the people in it. */
export interface ReadNote {
  event: Note["event"];
  /** Undefined: WhatsApp does not name anybody. */
  actor?: string | undefined;
  targets: string[];
  text?: string | undefined;
}

/**
 * By the subtype of a `gp2` notification (WhatsApp Web's module WAWebGroupSystemMsg). Those that begin with the names of communities
 * are the same events in a group of a community.
 */
const groupEvents: Readonly<Record<string, Note["event"]>> = {
  create: "group_created",
  community_create: "group_created",
  empty_subgroup_create: "group_created",
  subject: "subject_changed",
  description: "description_changed",
  parent_group_description: "description_changed",
  picture: "picture_changed",
  invite: "joined",
  v4_add_invite_join: "joined",
  linked_group_join: "joined",
  community_invite_rich: "joined",
  sub_group_invite_rich: "joined",
  add: "added",
  auto_add: "added",
  invite_auto_add: "added",
  default_sub_group_admin_add: "added",
  community_participant_add_rich: "added",
  sub_group_participant_add_rich: "added",
  general_chat_add: "added",
  subgroup_admin_triggered_auto_add: "added",
  subgroup_admin_triggered_invite_auto_add: "added",
  leave: "left",
  remove: "removed",
  promote: "promoted",
  linked_group_promote: "promoted",
  default_sub_group_promote: "promoted",
  demote: "demoted",
  linked_group_demote: "demoted",
  default_sub_group_demote: "demoted",
  announce: "settings_changed",
  restrict: "settings_changed",
  no_frequently_forwarded: "settings_changed",
  membership_approval_mode: "settings_changed",
  member_add_mode: "settings_changed",
  member_link_mode: "settings_changed",
  revoke_invite: "settings_changed",
  ephemeral: "disappearing_changed",
  modify: "number_changed",
};
/** Notifications without a meaning for users. */
const hidden: ReadonlySet<string> = new Set(["initial_pHash_mismatch", "growth_locked", "growth_unlocked"]);
/** By the subtype of a `notification_template` (WhatsApp Web's module WAWebContactSystemMsg). All others are hidden. */
const templateEvents: Readonly<Record<string, Note["event"]>> = {
  change_number: "number_changed",
  disappearing_mode: "disappearing_changed",
  disappearing_mode_update: "disappearing_changed",
};

/** Reads a notification; undefined for other messages, and for notifications that are not shown. */
export function readNote(message: VendorMessage, key: ParsedKey): ReadNote | undefined {
  const subtype = message.subtype ?? "";
  switch (message.type) {
    case "gp2":
      return hidden.has(subtype) || !isGroup(key.chat)
        ? undefined
        : groupNote(message, groupEvents[subtype] ?? "other");
    case "e2e_notification":
      // The body of a changed security code is the id of its owner.
      return { event: "encryption", actor: personIn(message.body), targets: [] };
    case "notification_template": {
      const event = templateEvents[subtype];
      if (event === "number_changed") return numberNote(message, key);
      return event && timerNote(message, message.ephemeralSettingUser ?? undefined);
    }
    case "protocol":
      // In a chat of two, the setting is a message of the person who changed it.
      return subtype === "ephemeral_setting" ? timerNote(message, key.fromMe ? undefined : key.chat) : undefined;
    default:
      return undefined;
  }
}

function groupNote(message: VendorMessage, event: Note["event"]): ReadNote {
  const { author, body, templateParams, recipients } = message;
  const note = { event, actor: author ?? undefined, targets: recipients ?? [] };
  const [parameter] = (templateParams ?? []).filter((each) => typeof each === "string");
  if (event === "disappearing_changed") return { ...note, text: parameter };
  if (event === "group_created" || event === "subject_changed" || event === "description_changed")
    return { ...note, text: filled(body) ?? undefined };
  return note;
}

/** The parameters are the old and the new number; `to` is the new one. */
function numberNote({ templateParams, to }: VendorMessage, key: ParsedKey): ReadNote {
  const numbers = (templateParams ?? []).filter((each) => typeof each === "string").filter(isContact);
  const changed = to && numbers.includes(to) ? to : numbers.at(-1);
  const before = numbers.find((number) => number !== changed) ?? key.chat;
  return { event: "number_changed", actor: before, targets: changed ? [changed] : [] };
}

const timerNote = ({ ephemeralDuration }: VendorMessage, actor: string | undefined): ReadNote => ({
  event: "disappearing_changed",
  actor,
  targets: [],
  text: String(ephemeralDuration ?? 0),
});

const personIn = (text: string | null | undefined) => (text && isContact(text) ? text : undefined);
