import { useTranslation } from "react-i18next";
import { api } from "../../page/api.ts";
import { mayManageSessions, useMe } from "../../page/me.ts";
import { CompanyRule } from "./company-rule.tsx";
import type { OwnFactorCalls } from "./factor-dialogs.tsx";
import { OwnFactor } from "./own-factor.tsx";

const calls: OwnFactorCalls = {
  read: (signal) => api.call("getMySecondFactor", {}, { signal }),
  start: (password) => api.call("startMySecondFactor", { body: { password } }),
  activate: (code) => api.call("activateMySecondFactor", { body: { code } }),
  replaceCodes: (code) => api.call("replaceMyRecoveryCodes", { body: { code } }),
  turnOff: (password, code) => api.call("disableMySecondFactor", { body: { password, code } }),
};

/** The second factor of the signed-in user, and for owners and admins the rule of the company. */
export function SecondFactorSection() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <OwnFactor calls={calls} requiredText={t("second-factor:isRequired")}>
      {mayManageSessions(me) && <CompanyRule />}
    </OwnFactor>
  );
}
