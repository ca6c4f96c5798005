import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./locales/en.ts";
import { ptBr } from "./locales/pt-br.ts";

/** Texts by language and namespace. */
const resources: Record<Language, Record<string, object>> = { "pt-BR": { ...ptBr }, en: { ...en } };

export const languages = { "pt-BR": "Português (Brasil)", en: "English" } as const;
export type Language = keyof typeof languages;
/** The language of the texts that i18next shows. */
export const languageOf = (code: string): Language => (code === "en" ? "en" : "pt-BR");

const storageKey = "syszap.language";

const storedLanguage = (): Language => (localStorage.getItem(storageKey) === "en" ? "en" : "pt-BR");

/** Starts with the language that was chosen on this device, otherwise with Brazilian Portuguese. */
export async function startTranslations(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: storedLanguage(),
    fallbackLng: "pt-BR",
    showSupportNotice: false,
    resources: { ...resources },
    defaultNS: "common",
    interpolation: { escapeValue: false }, // React escapes
  });
  document.documentElement.lang = i18next.language;
}

/** Adds texts of pages that are not in the main bundle. */
export function addTexts(texts: Record<Language, Record<string, object>>): void {
  for (const language of Object.keys(languages) as Language[])
    for (const [namespace, added] of Object.entries(texts[language])) {
      resources[language][namespace] = added;
      if (i18next.isInitialized) i18next.addResourceBundle(language, namespace, added);
    }
}

/** True if a person chose the language on this device. That choice precedes the language of the account. */
export const hasChosenLanguage = (): boolean => localStorage.getItem(storageKey) !== null;

/** Shows and stores the language that was chosen on this device. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(storageKey, language);
  await showLanguage(language);
}

/** Shows a language without storing it. */
export async function showLanguage(language: Language): Promise<void> {
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
