import type { ApiKey } from "@syszap/contracts";
import { apiKeyScopes } from "@syszap/contracts/constants";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format.ts";
import { api } from "../../page/api.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { ErrorText } from "../ui/states.tsx";
import { scopeTextKey } from "./scope-text-key.ts";
import { useApiKeyMutation } from "./use-api-keys.ts";

/** One API key: its scopes, last use and expiry, with a button to revoke it. */
export function ApiKeyCard({ apiKey }: { apiKey: ApiKey }) {
  const { t } = useTranslation();
  const [isConfirming, setConfirming] = useState(false);
  const revoke = useApiKeyMutation(() => api.call("revokeApiKey", { params: { id: apiKey.id } }));
  const { name, hint, scopes, revokedAt, expiresAt } = apiKey;
  const isExpired = expiresAt !== null && Date.parse(expiresAt) <= Date.now();
  const state = stateOf(revokedAt !== null, isExpired);
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
          {apiKeyScopes
            .filter((scope) => scopes.includes(scope))
            .map((scope) => (
              <li
                key={scope}
                className={`rounded-full px-2.5 py-0.5 text-xs ${isActive ? "bg-accent-soft text-accent" : "bg-hover text-muted"}`}
              >
                {t(`api-keys:scope.${scopeTextKey(scope)}`)}
              </li>
            ))}
        </ul>
        <Times apiKey={apiKey} isExpired={isExpired} />
        <ErrorText error={revoke.error} className="mt-2 text-sm" />
      </div>
      {isActive && (
        <Button data-testid="api-key-revoke" disabled={revoke.isPending} onClick={() => setConfirming(true)}>
          {t("api-keys:revoke")}
        </Button>
      )}
      {isConfirming && (
        <Confirm
          title={t("api-keys:confirmRevoke", { name })}
          text={t("api-keys:confirmRevokeText")}
          action={t("api-keys:revoke")}
          onConfirm={() => revoke.mutate(undefined)}
          onClose={() => setConfirming(false)}
        />
      )}
    </li>
  );
}

function stateOf(isRevoked: boolean, isExpired: boolean): "revoked" | "expired" | "active" {
  if (isRevoked) return "revoked";
  return isExpired ? "expired" : "active";
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
