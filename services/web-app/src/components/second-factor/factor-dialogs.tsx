import type { RecoveryCodes as Codes, SecondFactorSetup, SecondFactorState } from "@syszap/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/button.tsx";
import { Modal } from "../ui/modal.tsx";
import { CodeForm } from "./code-form.tsx";
import { PasswordForm } from "./password-form.tsx";
import { RecoveryCodes } from "./recovery-codes.tsx";
import { SetupForm } from "./setup-form.tsx";

/** The requests by which users or operators manage their own second factor. */
export interface OwnFactorCalls {
  read: (signal: AbortSignal) => Promise<SecondFactorState>;
  start: (password: string) => Promise<SecondFactorSetup>;
  activate: (code: string) => Promise<Codes>;
  replaceCodes: (code: string) => Promise<Codes>;
  turnOff: (password: string, code: string) => Promise<unknown>;
}
interface FactorDialogProps {
  calls: OwnFactorCalls;
  onClose: () => void;
}

export function TurnOn({ calls, onClose }: FactorDialogProps) {
  const { t } = useTranslation();
  const [setup, setSetup] = useState<SecondFactorSetup>();
  const [codes, setCodes] = useState<string[]>();
  const activate = async (code: string) => {
    setCodes((await calls.activate(code)).recoveryCodes);
  };
  return (
    <Modal title={t("second-factor:title")} onClose={onClose} testId="second-factor-dialog" ignoresOutsideClick>
      {codes ? (
        <RecoveryCodes codes={codes} onDone={onClose} />
      ) : setup ? (
        <SetupForm setup={setup} onCode={activate} />
      ) : (
        <PasswordForm onPassword={async (password) => setSetup(await calls.start(password))} />
      )}
    </Modal>
  );
}

export function TurnOff({ calls, onClose }: FactorDialogProps) {
  const { t } = useTranslation();
  const [password, setPassword] = useState<string>();
  const turnOff = async (code: string) => {
    await calls.turnOff(password ?? "", code);
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

export function ReplaceCodes({ calls, onClose }: FactorDialogProps) {
  const { t } = useTranslation();
  const [codes, setCodes] = useState<string[]>();
  const replace = async (code: string) => {
    setCodes((await calls.replaceCodes(code)).recoveryCodes);
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
