import "../i18n/administration-texts.ts";
import { useTranslation } from "react-i18next";
import { LoginsSection } from "../components/account/logins-section.tsx";
import { PasswordSection } from "../components/account/password-section.tsx";
import { ProfileSection } from "../components/account/profile-section.tsx";
import { SecondFactorSection } from "../components/second-factor/second-factor-section.tsx";
import { PageFrame } from "../components/shell/page-frame.tsx";

/** The account of the signed-in user: profile, password, second factor and open logins. */
export function AccountPage() {
  const { t } = useTranslation();
  return (
    <PageFrame title={t("account:title")} subtitle={t("account:subtitle")}>
      <div className="grid max-w-3xl gap-5">
        <ProfileSection />
        <PasswordSection />
        <SecondFactorSection />
        <LoginsSection />
      </div>
    </PageFrame>
  );
}
