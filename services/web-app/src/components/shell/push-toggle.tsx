import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "../../lib/store.ts";
import { preferences } from "../../notices/preferences.ts";
import { canPush, type PushResult, turnPushOff, turnPushOn } from "../../notices/push.ts";
import { Toggle } from "../ui/toggle.tsx";

/** Switches push notices of this browser on or off. */
export function PushToggle({ isDenied }: { isDenied: boolean }) {
  const { t } = useTranslation();
  const { push } = useStore(preferences);
  const [result, setResult] = useState<PushResult>("on");
  if (!canPush()) return null;
  const change = async (isOn: boolean) => {
    setResult("on");
    if (isOn) setResult(await turnPushOn());
    else await turnPushOff();
  };
  return (
    <>
      <Toggle
        label={t("settings:push")}
        isOn={push && !isDenied}
        isDisabled={isDenied}
        onChange={(isOn) => void change(isOn)}
      />
      {(result === "failed" || result === "unavailable") && (
        <p role="alert" className="text-muted text-sm">
          {t(result === "failed" ? "settings:pushFailed" : "settings:pushUnavailable")}
        </p>
      )}
    </>
  );
}
