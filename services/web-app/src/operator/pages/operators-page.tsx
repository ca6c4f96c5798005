import type { OneTimePassword, OperatorAccount } from "@syszap/contracts";
import { problemTypes } from "@syszap/contracts/constants";
import { useQuery } from "@tanstack/react-query";
import { Plus, ShieldUser } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/api-error.ts";
import { PageFrame } from "../../components/shell/page-frame.tsx";
import { Button } from "../../components/ui/button.tsx";
import { Confirm } from "../../components/ui/confirm.tsx";
import { SecretDialog } from "../../components/ui/secret-dialog.tsx";
import { Empty, ErrorText, QueryList } from "../../components/ui/states.tsx";
import { useFormats } from "../../i18n/format.ts";
import { CreateOperator } from "../dialogs/create-operator.tsx";
import { api, operatorKeys, useOperatorMutation } from "../operator-api.ts";

/** The accounts of the platform's operators. */
export function OperatorsPage({ ownId }: { ownId: string }) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const [isCreating, setCreating] = useState(false);
  const [shown, setShown] = useState<OneTimePassword>();
  const query = useQuery({
    queryKey: operatorKeys.operators,
    queryFn: async ({ signal }) => (await api.call("listOperators", undefined, { signal })).items,
    staleTime: 0,
  });
  return (
    <PageFrame
      title={t("operator:operators.title")}
      subtitle={t("operator:operators.subtitle")}
      actions={
        <Button look="primary" data-testid="operator-new" onClick={() => setCreating(true)}>
          <Plus className="size-4" /> {t("operator:operators.new")}
        </Button>
      }
    >
      <QueryList
        query={query}
        items={query.data}
        empty={<Empty icon={<ShieldUser />} title={t("operator:operators.title")} />}
      >
        {(operators) => (
          <ul className="grid gap-3">
            {operators.map((account) => (
              <OperatorCard key={account.id} account={account} isOwn={account.id === ownId} onPassword={setShown} />
            ))}
          </ul>
        )}
      </QueryList>
      {isCreating && (
        <CreateOperator
          onClose={() => setCreating(false)}
          onCreated={(created) => {
            setCreating(false);
            setShown(created);
          }}
        />
      )}
      {shown && (
        <SecretDialog
          title={t("operator:operators.passwordTitle", { name: shown.operator.name })}
          text={t("operator:operators.passwordText", { when: full(shown.expiresAt) })}
          secret={shown.oneTimePassword}
          testId="one-time-password"
          onClose={() => setShown(undefined)}
        />
      )}
    </PageFrame>
  );
}

interface OperatorCardProps {
  account: OperatorAccount;
  isOwn: boolean;
  onPassword: (created: OneTimePassword) => void;
}

function OperatorCard({ account, isOwn, onPassword }: OperatorCardProps) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const [dialog, setDialog] = useState<"reset" | "reset_factor" | "disable">();
  const action = useOperatorMutation((run: () => Promise<unknown>) => run());
  const { id, name, email, isDisabled, hasOneTimePassword, hasSecondFactor, lastLoginAt } = account;
  const params = { id };
  const isLast = action.error instanceof ApiError && action.error.problem.type === problemTypes.conflict.type;
  const lastLogin = lastLoginAt
    ? t("operator:operators.lastLogin", { when: full(lastLoginAt) })
    : t("operator:operators.neverSignedIn");
  const state = isDisabled
    ? t("operator:operators.disabled")
    : hasOneTimePassword
      ? t("operator:operators.oneTime")
      : lastLogin;
  return (
    <li data-testid="operator" className="grid gap-3 rounded-2xl border border-line bg-surface p-4 sm:p-5">
      <div className="min-w-0">
        <h2 className="break-words font-semibold">
          {name} {isOwn && <span className="font-normal text-muted">({t("operator:operators.you")})</span>}
        </h2>
        <p className="break-all text-muted text-sm">{email}</p>
        <p className={`mt-1 text-sm ${isDisabled ? "text-danger" : "text-muted"}`}>
          {hasSecondFactor && !isDisabled ? `${state} · ${t("operator:operators.secondFactorOn")}` : state}
        </p>
      </div>
      <ErrorText error={isLast ? t("operator:operators.last") : action.error} />
      {!isOwn && (
        <div className="flex flex-wrap gap-2">
          {isDisabled ? (
            <Button
              data-testid="operator-enable"
              disabled={action.isPending}
              onClick={() => action.mutate(() => api.call("enableOperator", { params }))}
            >
              {t("operator:operators.enable")}
            </Button>
          ) : (
            <>
              <Button data-testid="operator-reset" onClick={() => setDialog("reset")}>
                {t("operator:operators.reset")}
              </Button>
              {hasSecondFactor && (
                <Button data-testid="operator-reset-factor" onClick={() => setDialog("reset_factor")}>
                  {t("operator:operators.resetFactor")}
                </Button>
              )}
              <Button look="plain" data-testid="operator-disable" onClick={() => setDialog("disable")}>
                {t("operator:operators.disable")}
              </Button>
            </>
          )}
        </div>
      )}
      {dialog === "reset" && (
        <Confirm
          title={t("operator:operators.confirmReset", { name })}
          text={t("operator:operators.confirmResetText")}
          action={t("operator:operators.reset")}
          onConfirm={() => action.mutate(async () => onPassword(await api.call("resetOperator", { params })))}
          onClose={() => setDialog(undefined)}
        />
      )}
      {dialog === "reset_factor" && (
        <Confirm
          title={t("operator:operators.confirmResetFactor", { name })}
          text={t("operator:operators.confirmResetFactorText")}
          action={t("operator:operators.resetFactor")}
          onConfirm={() => action.mutate(() => api.call("resetOperatorFactor", { params }))}
          onClose={() => setDialog(undefined)}
        />
      )}
      {dialog === "disable" && (
        <Confirm
          title={t("operator:operators.confirmDisable", { name })}
          text={t("operator:operators.confirmDisableText")}
          action={t("operator:operators.disable")}
          onConfirm={() => action.mutate(() => api.call("disableOperator", { params }))}
          onClose={() => setDialog(undefined)}
        />
      )}
    </li>
  );
}
