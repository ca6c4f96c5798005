import type { AnswerOf, PlatformCompany } from "@syszap/contracts";
import { Building2, ChevronRight, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { PageFrame } from "../../components/shell/page-frame.tsx";
import { Button } from "../../components/ui/button.tsx";
import { SearchField } from "../../components/ui/search-field.tsx";
import { Empty, LoadMore, QueryList } from "../../components/ui/states.tsx";
import { useFormats } from "../../i18n/format.ts";
import { usePagedList } from "../../page/list-query.ts";
import { CompanyStateBadge } from "../company-state.tsx";
import { CreateCompany } from "../dialogs/create-company.tsx";
import { InvitationDialog } from "../dialogs/invitation-dialog.tsx";
import { api, operatorKeys } from "../operator-api.ts";

/** All companies of the platform, newest first. */
export function CompaniesPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const [isCreating, setCreating] = useState(false);
  const [created, setCreated] = useState<AnswerOf<"createCompany">>();
  const { query, items } = usePagedList<PlatformCompany>({
    key: operatorKeys.companies(search),
    read: (before, signal) => {
      const filter = { ...(search && { search }), ...(before !== undefined && { before }) };
      return api.call("listCompanies", { query: filter }, { signal });
    },
  });
  return (
    <PageFrame
      title={t("operator:companies.title")}
      subtitle={t("operator:companies.subtitle")}
      actions={
        <Button look="primary" data-testid="company-new" onClick={() => setCreating(true)}>
          <Plus className="size-4" /> {t("operator:companies.new")}
        </Button>
      }
    >
      <div className="mb-4 max-w-md">
        <SearchField label={t("operator:companies.search")} onSearch={setSearch} />
      </div>
      <QueryList query={query} items={items} empty={<NoCompanies isSearch={search !== ""} />}>
        {(companies) => (
          <ul className="grid gap-3">
            {companies.map((company) => (
              <CompanyCard key={company.id} company={company} />
            ))}
          </ul>
        )}
      </QueryList>
      <LoadMore query={query} className="mt-4" />
      {isCreating && (
        <CreateCompany
          onClose={() => setCreating(false)}
          onCreated={(answer) => {
            setCreating(false);
            setCreated(answer);
          }}
        />
      )}
      {created && <InvitationDialog invitation={created.invitation} onClose={() => setCreated(undefined)} />}
    </PageFrame>
  );
}

function NoCompanies({ isSearch }: { isSearch: boolean }) {
  const { t } = useTranslation();
  return isSearch ? (
    <Empty icon={<Building2 />} title={t("operator:companies.noneFound")} />
  ) : (
    <Empty icon={<Building2 />} title={t("operator:companies.empty")} text={t("operator:companies.emptyText")} />
  );
}

function CompanyCard({ company }: { company: PlatformCompany }) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const { id, name, state, users, sessions, connectedSessions, lastActivityAt } = company;
  return (
    <li data-testid="company">
      <Link
        to={`/companies/${id}`}
        className="flex items-center gap-4 rounded-2xl border border-line bg-surface p-4 hover:bg-hover sm:p-5"
      >
        <div className="min-w-0 flex-1">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h2 className="min-w-0 break-words font-semibold">{name}</h2>
            <CompanyStateBadge state={state} />
          </div>
          <p className="mt-1 text-muted text-sm">
            {[
              t("operator:companies.people", { count: users }),
              t("operator:companies.sessions", { count: sessions, connected: connectedSessions }),
              lastActivityAt
                ? t("operator:companies.activity", { when: full(lastActivityAt) })
                : t("operator:companies.noActivity"),
            ].join(" · ")}
          </p>
        </div>
        <ChevronRight aria-hidden="true" className="size-5 shrink-0 text-muted" />
      </Link>
    </li>
  );
}
