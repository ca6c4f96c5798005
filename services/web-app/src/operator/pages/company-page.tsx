import type { OwnerInvitation, PlatformCompany } from "@syszap/contracts";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { ApiError } from "../../api/api-error.ts";
import { PageFrame } from "../../components/shell/page-frame.tsx";
import { Button } from "../../components/ui/button.tsx";
import { Confirm } from "../../components/ui/confirm.tsx";
import { ErrorText, QueryData } from "../../components/ui/states.tsx";
import { useFormats } from "../../i18n/format.ts";
import { CompanyStateBadge } from "../company-state.tsx";
import { DeleteCompany } from "../dialogs/delete-company.tsx";
import { InvitationDialog } from "../dialogs/invitation-dialog.tsx";
import { InviteOwner } from "../dialogs/invite-owner.tsx";
import { RenameCompany } from "../dialogs/rename-company.tsx";
import { api, operatorKeys, useOperatorMutation } from "../operator-api.ts";

const deletingRefetchMs = 1_000;
/** Steps of a deletion that have their own text. The others remove the rows of a table. */
const deletionSteps = ["sessions", "files", "profiles", "jobs", "logs"] as const;

/** One company with the actions on it. */
export function CompanyPage() {
  const { t } = useTranslation();
  const { id = "" } = useParams();
  const query = useQuery({
    queryKey: operatorKeys.company(id),
    queryFn: ({ signal }) => api.call("getCompany", { params: { id } }, { signal }),
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data?.state === "deleting" && !state.error ? deletingRefetchMs : false),
  });
  const isGone = query.error instanceof ApiError && query.error.status === 404;
  return (
    <PageFrame
      title={isGone ? t("operator:company.gone") : (query.data?.name ?? t("operator:companies.title"))}
      actions={
        <Link to="/companies" className="inline-flex items-center gap-2 text-muted text-sm hover:text-ink">
          <ArrowLeft className="size-4" /> {t("operator:company.back")}
        </Link>
      }
    >
      {isGone ? (
        <p className="text-muted">{t("operator:company.goneText")}</p>
      ) : (
        <QueryData query={query}>{(company) => <Company company={company} />}</QueryData>
      )}
    </PageFrame>
  );
}

function Company({ company }: { company: PlatformCompany }) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const { state, deletionDueAt, lastActivityAt } = company;
  return (
    <div className="grid gap-5">
      <section className="grid gap-4 rounded-2xl border border-line bg-surface p-4 sm:p-5">
        <div className="flex flex-wrap items-center gap-3">
          <CompanyStateBadge state={state} />
          <span className="text-muted text-sm">
            {state === "deletion_scheduled" && deletionDueAt
              ? t("operator:stateText.deletion_scheduled", { when: full(deletionDueAt) })
              : t(`operator:stateText.${state}`)}
          </span>
        </div>
        <Progress company={company} />
        <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
          <Fact name={t("operator:company.people")} value={company.users} />
          <Fact
            name={t("operator:company.sessions")}
            value={t("operator:company.connected", {
              count: company.sessions,
              connected: company.connectedSessions,
            })}
          />
          <Fact name={t("operator:company.created")} value={full(company.createdAt)} />
          <Fact name={t("operator:company.activity")} value={lastActivityAt ? full(lastActivityAt) : "–"} />
        </dl>
        <p className="break-all font-mono text-muted text-xs">{company.id}</p>
      </section>
      {state !== "deleting" && <Actions company={company} />}
    </div>
  );
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div>
      <dt className="text-muted text-sm">{name}</dt>
      <dd className="font-semibold">{value}</dd>
    </div>
  );
}

function Progress({ company: { deleting } }: { company: PlatformCompany }) {
  const { t } = useTranslation();
  if (!deleting) return null;
  const { done, total, removed } = deleting;
  const step = t(`operator:delete.step.${deletionSteps.find((name) => name === deleting.step) ?? "rows"}`);
  return (
    <div className="grid gap-1.5" data-testid="deletion-progress">
      <progress value={done} max={Math.max(1, total)} className="h-2 w-full accent-danger" />
      <p className="text-muted text-sm">{t("operator:delete.progress", { done, total, step, count: removed })}</p>
    </div>
  );
}

type Dialog = "rename" | "suspend" | "invite" | "delete";

function Actions({ company }: { company: PlatformCompany }) {
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<Dialog>();
  const [invitation, setInvitation] = useState<OwnerInvitation>();
  const action = useOperatorMutation((run: () => Promise<unknown>) => run());
  const params = { id: company.id };
  const close = () => setDialog(undefined);
  const button = (name: Dialog, text: string, look: "quiet" | "danger" = "quiet") => (
    <Button look={look} data-testid={`company-${name}`} onClick={() => setDialog(name)}>
      {text}
    </Button>
  );
  return (
    <section className="grid gap-4">
      <ErrorText error={action.error} />
      <div className="flex flex-wrap gap-2">
        {company.state === "active" && button("suspend", t("operator:company.suspend"))}
        {company.state === "suspended" && (
          <Button
            look="primary"
            data-testid="company-reopen"
            disabled={action.isPending}
            onClick={() => action.mutate(() => api.call("reopenCompany", { params }))}
          >
            {t("operator:company.reopen")}
          </Button>
        )}
        {company.state === "deletion_scheduled" && (
          <Button
            look="primary"
            data-testid="company-keep"
            disabled={action.isPending}
            onClick={() => action.mutate(() => api.call("cancelCompanyDeletion", { params }))}
          >
            {t("operator:company.cancelDeletion")}
          </Button>
        )}
        {button("rename", t("operator:company.rename"))}
        {company.state === "active" && button("invite", t("operator:company.inviteOwner"))}
        {company.state !== "deletion_scheduled" && button("delete", t("operator:company.delete"), "danger")}
      </div>
      {dialog === "rename" && <RenameCompany company={company} onClose={close} />}
      {dialog === "delete" && <DeleteCompany company={company} onClose={close} />}
      {dialog === "invite" && (
        <InviteOwner
          companyId={company.id}
          onClose={close}
          onInvited={(answer) => {
            close();
            setInvitation(answer);
          }}
        />
      )}
      {dialog === "suspend" && (
        <Confirm
          title={t("operator:company.confirmSuspend", { name: company.name })}
          text={t("operator:company.confirmSuspendText")}
          action={t("operator:company.suspend")}
          onConfirm={() => action.mutate(() => api.call("suspendCompany", { params }))}
          onClose={close}
        />
      )}
      {invitation && <InvitationDialog invitation={invitation} onClose={() => setInvitation(undefined)} />}
    </section>
  );
}
