import type { EngineName, Session } from "@syszap/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { describeError } from "../../i18n/errors.ts";
import { queryKeys } from "../../live/query-client.ts";
import { withSession } from "../../live/session-cache.ts";
import { api } from "../../page/websocket-service.ts";
import { Button } from "../ui/button.tsx";
import { FormEnd } from "../ui/form-footer.tsx";
import { Modal } from "../ui/modal.tsx";

const longestName = 80;
/** In the order in which they are offered; what the server runs by default comes first. */
const engines: readonly EngineName[] = ["wppconnect", "simulator"];

/** Names a new session and chooses what speaks to its phone, which can't be changed later; the phone is linked afterwards. */
export function CreateSession({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const [name, setName] = useState("");
  const [engine, setEngine] = useState<EngineName | "">("");
  const create = useMutation({
    mutationFn: api.createSession,
    onSuccess: (session) => {
      cache.setQueryData<Session[]>(queryKeys.sessions, (sessions) => sessions && withSession(sessions, session));
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name: name.trim(), ...(engine && { engine }) });
  };
  return (
    <Modal title={t("sessions:new")} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-5">
        <label className="grid gap-1.5">
          <span className="font-medium text-sm">{t("sessions:name")}</span>
          <input
            data-testid="session-name"
            required
            // biome-ignore lint/a11y/noAutofocus: the dialog was opened to type this
            autoFocus
            maxLength={longestName}
            value={name}
            onChange={(event) => setName(event.target.value)}
            placeholder={t("sessions:namePlaceholder")}
            className="rounded-lg border border-line bg-canvas px-3 py-2.5 outline-none focus:border-accent"
          />
        </label>
        <label className="grid gap-1.5">
          <span className="font-medium text-sm">{t("sessions:engine")}</span>
          <select
            data-testid="session-engine"
            value={engine}
            onChange={(event) => setEngine(engines.find((known) => known === event.target.value) ?? "")}
            className="rounded-lg border border-line bg-canvas px-3 py-2.5 outline-none focus:border-accent"
          >
            <option value="">{t("sessions:engineName.default")}</option>
            {engines.map((known) => (
              <option key={known} value={known}>
                {t(`sessions:engineName.${known}`)}
              </option>
            ))}
          </select>
        </label>
        <FormEnd error={create.error && describeError(create.error, t)} onCancel={onClose}>
          <Button
            look="primary"
            type="submit"
            data-testid="session-create-submit"
            disabled={name.trim() === "" || create.isPending}
          >
            {t("sessions:create")}
          </Button>
        </FormEnd>
      </form>
    </Modal>
  );
}
