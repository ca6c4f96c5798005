import type { SecondFactorSetup, SecondFactorState } from "@syszap/contracts";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format.ts";
import { api } from "../../page/api.ts";
import { mayManageSessions, useMe } from "../../page/me.ts";
import { PasswordField } from "../login/password-field.tsx";
import { Button } from "../ui/button.tsx";
import { Modal } from "../ui/modal.tsx";
import { SectionCard } from "../ui/section-card.tsx";
import { ErrorText, Failure, Loading } from "../ui/states.tsx";
import { CodeForm } from "./code-form.tsx";
import { CompanyRule } from "./company-rule.tsx";
import { RecoveryCodes } from "./recovery-codes.tsx";
import { SetupForm } from "./setup-form.tsx";

const queryKey = ["second-factor"];
type Dialog = "turn_on" | "turn_off" | "replace_codes";

/** Activates and removes the second factor of the signed-in user, and replaces the recovery codes. */
export function SecondFactorSection() {
  const { t } = useTranslation();
  const me = useMe();
  const cache = useQueryClient();
  const [dialog, setDialog] = useState<Dialog>();
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => api.call("getMySecondFactor", {}, { signal }),
    staleTime: 0,
  });
  const close = () => {
    setDialog(undefined);
    void cache.invalidateQueries({ queryKey });
  };
  return (
    <SectionCard title={t("second-factor:title")} text={t("second-factor:text")}>
      {query.isPending && <Loading className="p-4" />}
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && <State state={query.data} onOpen={setDialog} />}
      {query.data?.isOn && mayManageSessions(me) && <CompanyRule />}
      {dialog === "turn_on" && <TurnOn onClose={close} />}
      {dialog === "turn_off" && <TurnOff onClose={close} />}
      {dialog === "replace_codes" && <ReplaceCodes onClose={close} />}
    </SectionCard>
  );
}

function State({ state, onOpen }: { state: SecondFactorState; onOpen: (dialog: Dialog) => void }) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const { isOn, isRequired, activatedAt, recoveryCodesLeft } = state;
  if (!isOn)
    return (
      <div className="grid justify-items-start gap-3">
        <p data-testid="second-factor-state">{t("second-factor:isOff")}</p>
        <Button look="primary" data-testid="second-factor-on" onClick={() => onOpen("turn_on")}>
          {t("second-factor:turnOn")}
        </Button>
      </div>
    );
  return (
    <div className="grid justify-items-start gap-3">
      <p data-testid="second-factor-state">{t("second-factor:isOn", { when: full(activatedAt ?? "") })}</p>
      <p className="text-muted text-sm">{t("second-factor:codesLeft", { count: recoveryCodesLeft })}</p>
      {isRequired && <p className="text-muted text-sm">{t("second-factor:isRequired")}</p>}
      <div className="flex flex-wrap gap-2">
        <Button data-testid="second-factor-replace" onClick={() => onOpen("replace_codes")}>
          {t("second-factor:replaceCodes")}
        </Button>
        {!isRequired && (
          <Button look="danger" data-testid="second-factor-off" onClick={() => onOpen("turn_off")}>
            {t("second-factor:turnOff")}
          </Button>
        )}
      </div>
    </div>
  );
}

function TurnOn({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [setup, setSetup] = useState<SecondFactorSetup>();
  const [codes, setCodes] = useState<string[]>();
  const activate = async (code: string) => {
    setCodes((await api.call("activateMySecondFactor", { body: { code } })).recoveryCodes);
  };
  return (
    <Modal title={t("second-factor:title")} onClose={onClose} testId="second-factor-dialog" ignoresOutsideClick>
      {codes ? (
        <RecoveryCodes codes={codes} onDone={onClose} />
      ) : setup ? (
        <SetupForm setup={setup} onCode={activate} />
      ) : (
        <PasswordForm
          onPassword={async (password) => setSetup(await api.call("startMySecondFactor", { body: { password } }))}
        />
      )}
    </Modal>
  );
}

function TurnOff({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState<string>();
  const turnOff = async (code: string) => {
    await api.call("disableMySecondFactor", { body: { password: password ?? "", code } });
    onClose();
  };
  return (
    <Modal title={t("second-factor:turnOff")} onClose={onClose} testId="second-factor-dialog">
      {password === undefined ? (
        <PasswordForm onPassword={async (text) => setPassword(text)} />
      ) : (
        <CodeForm kind="recovery" submit={t("second-factor:turnOff")} onCode={turnOff}>
          <Button onClick={() => setPassword(undefined)}>{t("second-factor:back")}</Button>
        </CodeForm>
      )}
    </Modal>
  );
}

function ReplaceCodes({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [codes, setCodes] = useState<string[]>();
  const replace = async (code: string) => {
    setCodes((await api.call("replaceMyRecoveryCodes", { body: { code } })).recoveryCodes);
  };
  return (
    <Modal title={t("second-factor:replaceCodes")} onClose={onClose} testId="second-factor-dialog" ignoresOutsideClick>
      {codes ? (
        <RecoveryCodes codes={codes} onDone={onClose} />
      ) : (
        <CodeForm kind="recovery" submit={t("second-factor:replaceCodes")} onCode={replace} />
      )}
    </Modal>
  );
}

/** Asks for the password first, so that an open page alone cannot change how its owner signs in. */
function PasswordForm({ onPassword }: { onPassword: (password: string) => Promise<void> }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await onPassword(password);
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  return (
    <form onSubmit={(event) => void send(event)} className="grid gap-4">
      <PasswordField
        label={t("login:password")}
        testId="second-factor-password"
        onText={setPassword}
        name="password"
        autoComplete="current-password"
        required
        value={password}
      />
      <ErrorText error={error} />
      <Button
        type="submit"
        look="primary"
        data-testid="second-factor-continue"
        disabled={isBusy || password === ""}
        className="justify-self-start"
      >
        {t("second-factor:continue")}
      </Button>
    </form>
  );
}
