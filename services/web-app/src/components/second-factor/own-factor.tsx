import type { SecondFactorState } from "@syszap/contracts";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format.ts";
import { queryKeys } from "../../live/query-client.ts";
import { Button } from "../ui/button.tsx";
import { SectionCard } from "../ui/section-card.tsx";
import { QueryData } from "../ui/states.tsx";
import { type OwnFactorCalls, ReplaceCodes, TurnOff, TurnOn } from "./factor-dialogs.tsx";

const queryKey = queryKeys.secondFactor;
type Dialog = "turn_on" | "turn_off" | "replace_codes";

interface OwnFactorProps {
  calls: OwnFactorCalls;
  /** Explains why a required second factor cannot be turned off. */
  requiredText: string;
  /** Shown below a second factor that is on. */
  children?: ReactNode;
}

/** Activates and removes the second factor of the signed-in user or operator, and replaces the recovery codes. */
export function OwnFactor({ calls, requiredText, children }: OwnFactorProps) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const [dialog, setDialog] = useState<Dialog>();
  const query = useQuery({ queryKey, queryFn: ({ signal }) => calls.read(signal), staleTime: 0 });
  const close = () => {
    setDialog(undefined);
    void cache.invalidateQueries({ queryKey });
  };
  return (
    <SectionCard title={t("second-factor:title")} text={t("second-factor:text")}>
      <QueryData query={query}>
        {(state) => (
          <>
            <State state={state} requiredText={requiredText} onOpen={setDialog} />
            {state.isOn && children}
          </>
        )}
      </QueryData>
      {dialog === "turn_on" && <TurnOn calls={calls} onClose={close} />}
      {dialog === "turn_off" && <TurnOff calls={calls} onClose={close} />}
      {dialog === "replace_codes" && <ReplaceCodes calls={calls} onClose={close} />}
    </SectionCard>
  );
}

interface StateProps {
  state: SecondFactorState;
  requiredText: string;
  onOpen: (dialog: Dialog) => void;
}

function State({ state, requiredText, onOpen }: StateProps) {
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
      {isRequired && <p className="text-muted text-sm">{requiredText}</p>}
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
