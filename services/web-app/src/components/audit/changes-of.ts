import type { AuditEntry } from "@syszap/contracts";
import type { TFunction } from "i18next";
import { administration } from "../../i18n/locales/administration.ts";
import { isKeyOf } from "../../i18n/reasons.ts";

const { setting: settings, value: values } = administration["pt-BR"].audit;

interface Change {
  setting: string;
  text: string;
}
const maxValueLength = 200;

/** The settings that an action changed, in words. Settings and values without a translation are shown unchanged. */
export function changesOf({ before, after }: AuditEntry, t: TFunction): Change[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names
    .filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]))
    .map((name) => {
      const [old, next] = [valueText(before?.[name], t), valueText(after?.[name], t)];
      return { setting: settingText(name, t), text: old === "" || next === "" ? old || next : `${old} → ${next}` };
    })
    .filter(({ text }) => text !== "");
}

const settingText = (name: string, t: TFunction): string =>
  isKeyOf(settings, name) ? t(`audit:setting.${name}`) : name;

function valueText(value: unknown, t: TFunction): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "boolean") return t(value ? "audit:value.true" : "audit:value.false");
  if (Array.isArray(value))
    return value
      .map((each) => valueText(each, t))
      .join(", ")
      .slice(0, maxValueLength);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return isKeyOf(values, text) ? t(`audit:value.${text}`) : text.slice(0, maxValueLength);
}
