import { type ApiKey, ApiKeyScope } from "@syszap/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { describeError } from "../../i18n/errors.ts";
import { useFormats } from "../../i18n/format.ts";
import { apiKeyApi } from "../../page/websocket-service.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { useApiKeyAct } from "./use-api-keys.ts";

/** One key: what it opens, whether it is used, and its end. */
export function ApiKeyCard({ apiKey }: { apiKey: ApiKey }) {
  const { t } = useTranslation();
  const [isAsked, setAsked] = useState(false);
  const revoke = useApiKeyAct(() => apiKeyApi.revoke(apiKey.id));
  const { name, hint, scopes, revokedAt, expiresAt } = apiKey;
  const isExpired = expiresAt !== null && Date.parse(expiresAt) <= Date.now();
  const state = revokedAt ? "revoked" : isExpired ? "expired" : "active";
  const isActive = state === "active";
  return (
    <li
      data-testid="api-key"
      data-state={state}
      className="flex flex-wrap items-start justify-between gap-3 rounded-2xl border border-line bg-surface p-4 sm:p-5"
    >
      <div className="min-w-0 flex-1 basis-64">
        <h3 dir="auto" className={`font-semibold [overflow-wrap:anywhere] ${isActive ? "" : "text-muted"}`}>
          {name}
        </h3>
        <p className="font-mono text-muted text-sm">{hint}…</p>
        <ul aria-label={t("api-keys:scopes")} className="mt-2 flex flex-wrap gap-1.5">
          {ApiKeyScope.options
            .filter((scope) => scopes.includes(scope))
            .map((scope) => (
              <li
                key={scope}
                className={`rounded-full px-2.5 py-0.5 text-xs ${isActive ? "bg-accent-soft text-accent" : "bg-hover text-muted"}`}
              >
                {t(`api-keys:scope.${scope}`)}
              </li>
            ))}
        </ul>
        <Times apiKey={apiKey} isExpired={isExpired} />
        {revoke.error && (
          <p role="alert" className="mt-2 text-danger text-sm">
            {describeError(revoke.error, t)}
          </p>
        )}
      </div>
      {isActive && (
        <Button data-testid="api-key-revoke" disabled={revoke.isPending} onClick={() => setAsked(true)}>
          {t("api-keys:revoke")}
        </Button>
      )}
      {isAsked && (
        <Confirm
          title={t("api-keys:confirmRevoke", { name })}
          text={t("api-keys:confirmRevokeText")}
          action={t("api-keys:revoke")}
          onConfirm={() => revoke.mutate(undefined)}
          onClose={() => setAsked(false)}
        />
      )}
    </li>
  );
}

function Times({ apiKey, isExpired }: { apiKey: ApiKey; isExpired: boolean }) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const { createdAt, lastUsedAt, expiresAt, revokedAt } = apiKey;
  return (
    <p className="mt-2 flex flex-wrap gap-x-4 gap-y-0.5 text-muted text-xs">
      <span>{t("api-keys:created", { when: full(createdAt) })}</span>
      <span data-testid="api-key-used">
        {lastUsedAt ? t("api-keys:lastUsed", { when: full(lastUsedAt) }) : t("api-keys:neverUsed")}
      </span>
      {revokedAt ? (
        <span className="text-danger">{t("api-keys:revoked", { when: full(revokedAt) })}</span>
      ) : (
        expiresAt && (
          <span className={isExpired ? "text-danger" : ""}>
            {t(isExpired ? "api-keys:expired" : "api-keys:expires", { when: full(expiresAt) })}
          </span>
        )
      )}
    </p>
  );
}
