import { useTranslation } from "react-i18next";
import { chooseLanguage, type Language, languages } from "../../i18n/index.ts";

interface LanguageSwitchProps {
  /** Replaces the default, which shows the language and stores it on this device. */
  onChoose?: (language: Language) => void;
}

export function LanguageSwitch({ onChoose = (language) => void chooseLanguage(language) }: LanguageSwitchProps) {
  const { t, i18n } = useTranslation();
  return (
    <select
      data-testid="language"
      aria-label={t("settings:language")}
      value={i18n.language}
      onChange={(event) => onChoose(event.target.value as Language)}
      className="min-h-10 rounded-lg border border-line bg-surface px-3 text-sm"
    >
      {Object.entries(languages).map(([code, name]) => (
        <option key={code} value={code} lang={code}>
          {name}
        </option>
      ))}
    </select>
  );
}
