import type { Note } from "@syszap/contracts";

/** The note as an English sentence, for readers that do not know notes. */
export function noteText({ event, actor, targets, text }: Note): string {
  const who = actor === null ? "You" : actor ? nameOf(actor) : "Someone";
  const whom = (targets ?? []).map(nameOf).join(", ") || "someone";
  switch (event) {
    case "group_created":
      return [who, "created the group", text].filter(Boolean).join(" ");
    case "subject_changed":
      return `${who} changed the name of the group to ${text ?? "another one"}`;
    case "description_changed":
      return `${who} changed the description of the group`;
    case "picture_changed":
      return `${who} changed the picture of the group`;
    case "joined":
      return `${targets?.length ? whom : who} joined the group`;
    case "added":
      return `${who} added ${whom}`;
    case "left":
      return `${targets?.length ? whom : who} left the group`;
    case "removed":
      return `${who} removed ${whom}`;
    case "promoted":
      return `${who} made ${whom} an admin`;
    case "demoted":
      return `${who} dismissed ${whom} as an admin`;
    case "settings_changed":
      return `${who} changed the settings of the group`;
    case "number_changed":
      return `${who} changed their number${text === undefined ? "" : ` to ${text}`}`;
    case "encryption":
      return actor ? `The security code of ${who} changed` : "Messages are end-to-end encrypted";
    case "disappearing_changed":
      return text === "0"
        ? `${who} turned off disappearing messages`
        : `${who} changed the timer of disappearing messages`;
    case "other":
      return "The group was changed";
  }
}

const nameOf = ({ name, number }: { name: string | null; number: string | null }) => name ?? number ?? "Someone";
