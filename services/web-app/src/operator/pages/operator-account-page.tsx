import type { Operator } from "@syszap/contracts";
import { useTranslation } from "react-i18next";
import type { OwnFactorCalls } from "../../components/second-factor/factor-dialogs.tsx";
import { OwnFactor } from "../../components/second-factor/own-factor.tsx";
import { PageFrame } from "../../components/shell/page-frame.tsx";
import { api } from "../operator-api.ts";

const calls: OwnFactorCalls = {
  read: (signal) => api.call("getMyOperatorFactor", {}, { signal }),
  start: (password) => api.call("startMyOperatorFactor", { body: { password } }),
  activate: (code) => api.call("activateMyOperatorFactor", { body: { code } }),
  replaceCodes: (code) => api.call("replaceMyOperatorRecoveryCodes", { body: { code } }),
  turnOff: (password, code) => api.call("disableMyOperatorFactor", { body: { password, code } }),
};

/** The account of the signed-in operator. */
export function OperatorAccountPage({ operator }: { operator: Operator }) {
  const { t } = useTranslation();
  return (
    <PageFrame title={t("operator:account.title")} subtitle={operator.email}>
      <div className="grid max-w-3xl gap-5">
        <OwnFactor calls={calls} requiredText={t("operator:account.isRequired")} />
      </div>
    </PageFrame>
  );
}
