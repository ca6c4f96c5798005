import { useEffect } from "react";
import { hasChosenLanguage, type Language, showLanguage } from "../i18n/index.ts";

/** Shows the language of the account, unless another one was chosen on this device. */
export function useAccountLanguage(language: Language | undefined): void {
  useEffect(() => {
    if (language && !hasChosenLanguage()) void showLanguage(language);
  }, [language]);
}
