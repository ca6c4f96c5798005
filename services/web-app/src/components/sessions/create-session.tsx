import type { EngineName, Session } from "@syszap/contracts";
import { engineNames, maxSessionNameLength } from "@syszap/contracts/constants";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { queryKeys } from "../../live/query-client.ts";
import { withSession } from "../../live/session-cache.ts";
import { api } from "../../page/api.ts";
import { FormDialog } from "../ui/form-dialog.tsx";
import { fieldStyle, TextField } from "../ui/text-field.tsx";

/** The simulator is for demonstrations, so it is listed last. */
const engines = engineNames.toSorted((a, b) => Number(a === "simulator") - Number(b === "simulator"));

/** Creates a session with a name and an engine. The engine can't be changed later; the phone is linked afterwards. */
export function CreateSession({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const [name, setName] = useState("");
  const [engine, setEngine] = useState<EngineName | "">("");
  const create = useMutation({
    mutationFn: (body: { name: string; engine?: EngineName }) => api.call("createSession", { body }),
    onSuccess: (session) => {
      cache.setQueryData<Session[]>(queryKeys.sessions, (sessions) => sessions && withSession(sessions, session));
      onClose();
    },
  });
  const isComplete = name.trim() !== "";
  return (
    <FormDialog
      title={t("sessions:new")}
      testId="session-form"
      submit={{
        label: t("sessions:create"),
        testId: "session-create-submit",
        isDisabled: !isComplete || create.isPending,
      }}
      error={create.error}
      onSubmit={() => create.mutate({ name: name.trim(), ...(engine && { engine }) })}
      onClose={onClose}
    >
      <TextField
        label={t("sessions:name")}
        testId="session-name"
        onText={setName}
        required
        autoFocus
        maxLength={maxSessionNameLength}
        value={name}
        placeholder={t("sessions:namePlaceholder")}
      />
      <label className="grid gap-1.5">
        <span className="font-medium text-sm">{t("sessions:engine")}</span>
        <select
          data-testid="session-engine"
          value={engine}
          onChange={(event) => setEngine(engines.find((known) => known === event.target.value) ?? "")}
          className={fieldStyle}
        >
          <option value="">{t("sessions:engineName.default")}</option>
          {engines.map((known) => (
            <option key={known} value={known}>
              {t(`sessions:engineName.${known}`)}
            </option>
          ))}
        </select>
      </label>
    </FormDialog>
  );
}
