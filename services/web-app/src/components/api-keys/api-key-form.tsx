import type { ApiKeyScope, NewApiKey } from "@syszap/contracts";
import { apiKeyScopes, maxApiKeyNameLength, maxApiKeys } from "@syszap/contracts/constants";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/api-error.ts";
import { api } from "../../page/api.ts";
import { FormDialog } from "../ui/form-dialog.tsx";
import { fieldStyle, TextField } from "../ui/text-field.tsx";
import { scopeTextKey } from "./scope-text-key.ts";
import { useApiKeyMutation } from "./use-api-keys.ts";

interface ApiKeyFormProps {
  onCreated: (key: NewApiKey) => void;
  onClose: () => void;
}
/** Days until a key expires. 0 means that it never expires. */
const lifetimes = [0, 30, 90, 365] as const;
const oneDayMs = 86_400_000;

/** Creates a key with a name, scopes and an expiry. */
export function ApiKeyForm({ onCreated, onClose }: ApiKeyFormProps) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<ApiKeyScope[]>([]);
  const [days, setDays] = useState(0);
  const save = useApiKeyMutation(async () => {
    const expiry = days > 0 && { expiresAt: new Date(Date.now() + days * oneDayMs).toISOString() };
    onCreated(await api.call("createApiKey", { body: { name: name.trim(), scopes, ...expiry } }));
    onClose();
  });
  const isComplete = name.trim() !== "" && scopes.length > 0;
  const isFull = save.error instanceof ApiError && save.error.status === 409;
  return (
    <FormDialog
      title={t("api-keys:new")}
      testId="api-key-form"
      submit={{ label: t("api-keys:create"), testId: "api-key-save", isDisabled: !isComplete || save.isPending }}
      error={isFull ? t("api-keys:full", { count: maxApiKeys }) : save.error}
      onSubmit={() => save.mutate(undefined)}
      onClose={onClose}
    >
      <TextField
        label={t("api-keys:name")}
        testId="api-key-name"
        onText={setName}
        required
        maxLength={maxApiKeyNameLength}
        value={name}
        placeholder={t("api-keys:namePlaceholder")}
      />
      <Scopes chosen={scopes} onChange={setScopes} />
      <label className="grid gap-1.5">
        <span className="font-medium text-sm">{t("api-keys:life")}</span>
        <select
          data-testid="api-key-life"
          value={days}
          onChange={(event) => setDays(Number(event.target.value))}
          className={fieldStyle}
        >
          {lifetimes.map((each) => (
            <option key={each} value={each}>
              {each === 0 ? t("api-keys:endless") : t("api-keys:days", { count: each })}
            </option>
          ))}
        </select>
      </label>
    </FormDialog>
  );
}

interface ScopesProps {
  chosen: ApiKeyScope[];
  onChange: (chosen: ApiKeyScope[]) => void;
}

function Scopes({ chosen, onChange }: ScopesProps) {
  const { t } = useTranslation();
  const toggle = (scope: ApiKeyScope) =>
    onChange(chosen.includes(scope) ? chosen.filter((each) => each !== scope) : [...chosen, scope]);
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-2 font-medium text-sm">{t("api-keys:scopes")}</legend>
      {apiKeyScopes.map((scope) => (
        <label key={scope} className="flex cursor-pointer items-start gap-3 rounded-lg border border-line p-3">
          <input
            type="checkbox"
            data-testid={`api-key-scope-${scope}`}
            checked={chosen.includes(scope)}
            onChange={() => toggle(scope)}
            className="mt-0.5 size-4 shrink-0 accent-accent"
          />
          <span className="grid gap-0.5 text-sm">
            <span className="font-medium">{t(`api-keys:scope.${scopeTextKey(scope)}`)}</span>
            <span className="text-muted text-xs">{t(`api-keys:scopeText.${scopeTextKey(scope)}`)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
