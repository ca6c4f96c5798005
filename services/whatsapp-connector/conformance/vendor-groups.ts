import type { Phone } from "@syszap/whatsapp-web-stand-in";
import type { GroupChange } from "../src/engines/simulator/phone/groups.ts";
import type { Mention, WhatsAppSide } from "./whatsapp-side.ts";

/** Carries out a change of a group on a phone of the stand-in. Returns the key of its notification. */
export function changeGroup(phone: Phone, group: string, change: GroupChange): string {
  const { groups } = phone;
  const { event, by = "", members = [], text = "", onlyAdmins = false } = change;
  const [member = ""] = members;
  switch (event) {
    case "subject_changed":
      return groups.setSubject(group, by, text);
    case "description_changed":
      return groups.setDescription(group, by, text);
    case "added":
      return groups.add(group, by, ...members);
    case "joined":
      return groups.join(group, ...members);
    case "removed":
      return groups.remove(group, by, member);
    case "left":
      return groups.leave(group, member);
    case "promoted":
      return groups.promote(group, by, member);
    case "demoted":
      return groups.demote(group, by, member);
    case "settings_changed":
      return groups.announce(group, by, onlyAdmins);
    case "disappearing_changed":
      return groups.setTimer(group, by, Number(text));
    default:
      throw new Error(`the stand-in has no action for ${event}`);
  }
}

/** WhatsApp's attributes of a message that mentions this phone (`MsgModel` of wa-js). */
export function toVendorMention({ as, number }: Mention): Record<string, unknown> {
  if (as === "all") return { nonJidMentions: 1 };
  return { mentionedJidList: [as === "lid" ? `9${number}@lid` : `${number}@c.us`] };
}

/** Type, subtype and attributes as WhatsApp Web's module WAWebContactSystemMsg creates them. */
export function toVendorNote(number: string, note: Parameters<WhatsAppSide["receiveNote"]>[1]) {
  switch (note.event) {
    case "encryption":
      return { type: "e2e_notification", subtype: "encrypt", templateParams: [] };
    case "number_changed": {
      const templateParams = [`${number}@c.us`, `${note.to}@c.us`];
      return { type: "notification_template", subtype: "change_number", templateParams };
    }
    case "disappearing_changed":
      return {
        ...{ type: "notification_template", subtype: "disappearing_mode", templateParams: [] },
        ...{ ephemeralDuration: note.seconds, ephemeralSettingUser: `${number}@c.us` },
      };
  }
}
