import { LogOut } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useStore } from "../../lib/store.ts";
import { allowDesktopNotices, preferences, setPreference } from "../../notices/preferences.ts";
import { playSound } from "../../notices/sound.ts";
import { auth } from "../../page/api.ts";
import { useMe } from "../../page/me.ts";
import { useLanguageChoice } from "../../page/use-language-choice.ts";
import { Button } from "../ui/button.tsx";
import { Modal } from "../ui/modal.tsx";
import { Toggle } from "../ui/toggle.tsx";
import { LanguageSwitch } from "./language-switch.tsx";
import { PushToggle } from "./push-toggle.tsx";

export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const saveLanguage = useLanguageChoice();
  const { page, sound, vibration, desktop } = useStore(preferences);
  const isDenied = typeof Notification !== "undefined" && Notification.permission === "denied";
  return (
    <Modal title={t("settings:title")} onClose={onClose} testId="settings">
      <p className="mb-5 rounded-xl bg-sunken px-4 py-3">
        <span className="block font-semibold">{me.name}</span>
        <span className="block text-muted text-sm">
          {me.email} · {me.companyName}
        </span>
      </p>
      <fieldset className="grid gap-1">
        <legend className="mb-1 font-medium text-muted text-sm">{t("settings:notices")}</legend>
        <Toggle label={t("settings:page")} isOn={page} onChange={(isOn) => setPreference("page", isOn)} />
        <Toggle
          label={t("settings:sound")}
          isOn={sound}
          onChange={(isOn) => {
            setPreference("sound", isOn);
            if (isOn) playSound();
          }}
        />
        {"vibrate" in navigator && (
          <Toggle
            label={t("settings:vibration")}
            isOn={vibration}
            onChange={(isOn) => setPreference("vibration", isOn)}
          />
        )}
        {typeof Notification !== "undefined" && (
          <Toggle
            label={t("settings:desktop")}
            isOn={desktop && !isDenied}
            isDisabled={isDenied}
            onChange={(isOn) => void (isOn ? allowDesktopNotices() : setPreference("desktop", false))}
          />
        )}
        <PushToggle isDenied={isDenied} />
        {isDenied && <p className="text-muted text-sm">{t("settings:desktopDenied")}</p>}
      </fieldset>
      <div className="mt-5 flex items-center justify-between gap-4">
        <span className="font-medium text-muted text-sm">{t("settings:language")}</span>
        <LanguageSwitch onChoose={(language) => saveLanguage.mutate(language)} />
      </div>
      <Button data-testid="logout" onClick={() => void auth.logOut()} className="mt-6 w-full">
        <LogOut className="size-4" />
        {t("settings:logout")}
      </Button>
    </Modal>
  );
}
