import "../i18n/administration-texts.ts";
import type { AuditEntry } from "@syszap/contracts";
import { Download, ScrollText } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { urlOf } from "../api/endpoint-url.ts";
import { AuditFilters } from "../components/audit/audit-filters.tsx";
import { AuditRow } from "../components/audit/audit-row.tsx";
import { filterOf, noChoice, useAuditLog } from "../components/audit/use-audit-log.ts";
import { usePeople } from "../components/people/use-people.ts";
import { PageFrame } from "../components/shell/page-frame.tsx";
import { PeopleTabs } from "../components/shell/people-tabs.tsx";
import { Button } from "../components/ui/button.tsx";
import { LoadOnScroll } from "../components/ui/load-on-scroll.tsx";
import { Empty, ErrorText, QueryList } from "../components/ui/states.tsx";
import { useFormats } from "../i18n/format.ts";
import { saveFile } from "../lib/save-file.ts";
import { api } from "../page/api.ts";

/** Who changed what in the company, for managers. */
export function AuditPage() {
  const { t } = useTranslation();
  const [choice, setChoice] = useState(noChoice);
  const { query, items } = useAuditLog(choice);
  const { data: people = [] } = usePeople();
  const [isExporting, setExporting] = useState(false);
  const [error, setError] = useState<unknown>();
  const download = async () => {
    setExporting(true);
    setError(undefined);
    try {
      saveFile(await api.download(urlOf("exportAuditLog", {}, filterOf(choice))), t("audit:fileName"));
    } catch (failure) {
      setError(failure);
    } finally {
      setExporting(false);
    }
  };
  const isFiltered = choice !== noChoice;
  return (
    <PageFrame
      title={t("audit:title")}
      subtitle={t("audit:subtitle")}
      actions={
        <Button data-testid="audit-export" disabled={isExporting} onClick={() => void download()}>
          <Download className="size-4" /> {t("audit:export")}
        </Button>
      }
    >
      <PeopleTabs />
      <ErrorText error={error} className="mb-4 text-sm" />
      <AuditFilters choice={choice} people={people} onChange={setChoice} />
      <QueryList
        query={query}
        items={items}
        empty={
          <Empty
            icon={<ScrollText />}
            title={t(isFiltered ? "audit:noMatch" : "audit:empty")}
            text={t(isFiltered ? "audit:noMatchText" : "audit:emptyText")}
          />
        }
      >
        {(entries) => <Days entries={entries} />}
      </QueryList>
      <LoadOnScroll query={query} />
    </PageFrame>
  );
}

/** The entries, grouped by day. */
function Days({ entries }: { entries: AuditEntry[] }) {
  const { day } = useFormats();
  const days = new Map<string, AuditEntry[]>();
  for (const entry of entries) {
    const name = day(entry.occurredAt);
    days.set(name, [...(days.get(name) ?? []), entry]);
  }
  return (
    <div className="grid gap-6">
      {[...days].map(([name, ofDay]) => (
        <section key={name}>
          <h2 className="mb-2 font-semibold text-muted text-sm first-letter:uppercase">{name}</h2>
          <ol className="divide-y divide-line rounded-2xl border border-line bg-surface shadow-card">
            {ofDay.map((entry) => (
              <AuditRow key={entry.id} entry={entry} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}
