import type { OpenLogin } from "@syszap/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MonitorSmartphone } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format.ts";
import { api, auth } from "../../page/api.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { SectionCard } from "../ui/section-card.tsx";
import { ErrorText, QueryList } from "../ui/states.tsx";

const queryKey = ["logins"];

/** The browsers in which the user is signed in, with buttons to sign out one or all of them. */
export function LoginsSection() {
  const { t } = useTranslation();
  const [isConfirming, setConfirming] = useState(false);
  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }) => (await api.call("listLogins", {}, { signal })).items,
    staleTime: 0,
  });
  const endOthers = useLoginMutation(() => api.call("endLogins", { query: { keep: "current" } }));
  const endAll = useMutation({
    mutationFn: () => api.call("endLogins"),
    onSuccess: () => auth.logOut(),
  });
  const hasOthers = query.data?.some(({ isCurrent }) => !isCurrent) ?? false;
  return (
    <SectionCard
      title={t("account:logins")}
      text={t("account:loginsText")}
      actions={
        <div className="flex flex-wrap gap-2">
          {hasOthers && (
            <Button data-testid="logins-end-others" disabled={endOthers.isPending} onClick={() => endOthers.mutate()}>
              {t("account:endOthers")}
            </Button>
          )}
          <Button data-testid="logins-end-all" onClick={() => setConfirming(true)}>
            {t("account:endAll")}
          </Button>
        </div>
      }
    >
      <ErrorText error={endOthers.error ?? endAll.error} className="mb-3 text-sm" />
      <QueryList query={query} items={query.data} empty={null}>
        {(logins) => (
          <ul className="divide-y divide-line">
            {logins.map((login) => (
              <LoginRow key={login.id} login={login} />
            ))}
          </ul>
        )}
      </QueryList>
      {isConfirming && (
        <Confirm
          title={t("account:confirmEndAll")}
          text={t("account:confirmEndAllText")}
          action={t("account:endAll")}
          onConfirm={() => endAll.mutate()}
          onClose={() => setConfirming(false)}
        />
      )}
    </SectionCard>
  );
}

/** Ends logins, then reads the open ones again. */
function useLoginMutation(run: () => Promise<unknown>) {
  const cache = useQueryClient();
  return useMutation({ mutationFn: run, onSettled: () => cache.invalidateQueries({ queryKey }) });
}

function LoginRow({ login }: { login: OpenLogin }) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const end = useLoginMutation(() => api.call("endLogin", { params: { id: login.id } }));
  const device = [login.browser, login.system].filter((part) => part !== null).join(" · ");
  return (
    <li data-testid="login" className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <MonitorSmartphone aria-hidden="true" className="size-5 shrink-0 text-muted" />
      <div className="min-w-0 flex-1 basis-48">
        <p className="flex flex-wrap items-center gap-x-2 font-medium">
          {device || t("account:unknownDevice")}
          {login.isCurrent && (
            <span className="rounded-full bg-accent-soft px-2.5 py-0.5 text-accent text-xs">
              {t("account:thisDevice")}
            </span>
          )}
        </p>
        <p className="flex flex-wrap gap-x-3 text-muted text-xs">
          {login.address && <span>{t("account:address", { address: login.address })}</span>}
          <span>{t("account:lastSeen", { when: full(login.lastSeenAt) })}</span>
          <span>{t("account:since", { when: full(login.startedAt) })}</span>
        </p>
        <ErrorText error={end.error} />
      </div>
      {!login.isCurrent && (
        <Button data-testid="login-end" disabled={end.isPending} onClick={() => end.mutate()}>
          {t("account:end")}
        </Button>
      )}
    </li>
  );
}
