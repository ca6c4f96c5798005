import type { SecondFactorSetup } from "@syszap/contracts";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { CodeForm } from "./code-form.tsx";

interface SetupFormProps {
  setup: SecondFactorSetup;
  onCode: (code: string) => Promise<void>;
  /** Further buttons. */
  children?: ReactNode;
}

/** Shows a new secret as QR code and as text, and asks for a first code. */
export function SetupForm({ setup, onCode, children }: SetupFormProps) {
  const { t } = useTranslation();
  return (
    <div className="grid gap-5">
      <ol className="grid list-decimal gap-1 pl-5 text-sm">
        <li>{t("second-factor:step1")}</li>
        <li>{t("second-factor:step2")}</li>
        <li>{t("second-factor:step3")}</li>
      </ol>
      <img
        data-testid="second-factor-qr"
        src={setup.qrCode}
        alt={t("second-factor:qrImage")}
        // Phones do not detect the code without its white border, also in dark mode.
        className="size-56 justify-self-center rounded-xl border border-line bg-white"
      />
      <div className="grid gap-1.5 text-sm">
        <p className="text-muted">{t("second-factor:secretText")}</p>
        <code data-testid="second-factor-secret" className="rounded-lg bg-canvas p-3 tracking-wider">
          {setup.secret.replace(/.{4}(?=.)/g, "$& ")}
        </code>
        <a href={setup.uri} className="justify-self-start font-medium text-accent underline-offset-4 hover:underline">
          {t("second-factor:openApp")}
        </a>
      </div>
      <CodeForm kind="app" submit={t("second-factor:turnOn")} onCode={onCode}>
        {children}
      </CodeForm>
    </div>
  );
}
