import type { Note, Participant } from "@syszap/contracts";
import { useTranslation } from "react-i18next";
import { useParticipantName } from "../../../i18n/participant-name.ts";
import { useNumberFormat } from "../../../i18n/phone-numbers.ts";

const hourSeconds = 3_600;
const daySeconds = 24 * hourSeconds;

/** Returns the function that describes notes in the user's language. Undefined for a note that only WhatsApp's text describes. */
export function useNoteText(): (note: Note) => string | undefined {
  const { t, i18n } = useTranslation();
  const nameOf = useParticipantName();
  const formatNumber = useNumberFormat();

  const list = (people: readonly Participant[]) =>
    new Intl.ListFormat(i18n.language, { type: "conjunction" }).format(people.map(nameOf));
  const duration = (seconds: number) => {
    const [value, unit] = seconds <= daySeconds ? [seconds / hourSeconds, "hour"] : [seconds / daySeconds, "day"];
    return new Intl.NumberFormat(i18n.language, {
      style: "unit",
      unit,
      unitDisplay: "long",
      maximumFractionDigits: 0,
    }).format(value);
  };
  return ({ event, actor, targets = [], text = "" }) => {
    const people = targets.length > 0 ? targets : [actor].filter((each) => each !== null && each !== undefined);
    const who = people.length > 0 ? list(people) : t("message:note.someone");
    switch (event) {
      case "other":
        return undefined;
      case "encryption":
        return t("message:note.encryption");
      case "joined":
      case "left":
        return t(`message:note.${event}`, { who, count: people.length });
      case "number_changed":
        return /^\d+$/.test(text)
          ? t("message:note.number_changedTo", { who, number: formatNumber(text) })
          : t("message:note.number_changed", { who });
      case "disappearing_changed": {
        const seconds = Number(text);
        return seconds > 0
          ? t("message:note.disappearing", { duration: duration(seconds) })
          : t("message:note.disappearingOff");
      }
      default:
        return actor
          ? t(`message:note.${event}By`, { actor: nameOf(actor), who, text })
          : t(`message:note.${event}`, { who, text });
    }
  };
}
