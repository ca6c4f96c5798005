import type { AuditEntry } from "@syszap/contracts";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format.ts";
import { changesOf } from "./changes-of.ts";

/** One action in words, with the settings that it changed. */
export function AuditRow({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation();
  const { clock } = useFormats();
  const { action, actor, target, occurredAt } = entry;
  const targetName = target?.name ?? nameIn(entry) ?? (target && t(`audit:target.${target.kind}`)) ?? "";
  // The sentence already contains the name of the target.
  const changes = changesOf(entry, t).filter(({ text }) => text !== targetName);
  return (
    <li data-testid="audit-entry" data-action={action} className="flex gap-4 px-4 py-3 sm:px-5">
      <time dateTime={occurredAt} className="min-w-11 shrink-0 whitespace-nowrap pt-px text-muted text-sm tabular-nums">
        {clock(occurredAt)}
      </time>
      <div className="min-w-0 flex-1">
        <p className="[overflow-wrap:anywhere]">
          {t(`audit:action.${action}`, { actor: actorName(actor, t), target: targetName })}
        </p>
        {changes.length > 0 && (
          <ul className="mt-1 grid gap-0.5 text-muted text-sm">
            {changes.map(({ setting, text }) => (
              <li key={setting} className="[overflow-wrap:anywhere]">
                {setting}: {text}
              </li>
            ))}
          </ul>
        )}
        {actor.address && <p className="mt-0.5 text-muted text-xs">{t("audit:address", { address: actor.address })}</p>}
      </div>
    </li>
  );
}

function actorName({ kind, name }: AuditEntry["actor"], t: TFunction): string {
  if (kind === "api_key") return t("audit:actor.api_key", { name: name ?? t("audit:actor.unknown") });
  return name ?? t(`audit:actor.${kind === "user" ? "unknown" : kind}`);
}

/** The name of a team, session or key is among its settings. */
function nameIn({ before, after }: AuditEntry): string | undefined {
  const name = after?.name ?? before?.name ?? after?.email ?? before?.email ?? after?.url ?? before?.url;
  return typeof name === "string" ? name : undefined;
}
