import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { ptBr } from "./locales/pt-br.ts";

/** Texts by language and namespace. English is a bundle of its own, loaded when it is shown first. */
const resources: Record<Language, Record<string, object>> = { "pt-BR": { ...ptBr }, en: {} };
const load: Record<Language, () => Promise<object>> = {
  "pt-BR": async () => ptBr,
  en: async () => (await import("./locales/en.ts")).en,
};

export const languages = { "pt-BR": "Português (Brasil)", en: "English" } as const;
export type Language = keyof typeof languages;
/** The language of the texts that i18next shows. */
export const languageOf = (code: string): Language => (code === "en" ? "en" : "pt-BR");

const storageKey = "syszap.language";

const storedLanguage = (): Language => (localStorage.getItem(storageKey) === "en" ? "en" : "pt-BR");

/** Starts with the language that was chosen on this device, otherwise with Brazilian Portuguese. */
export async function startTranslations(): Promise<void> {
  // Without its texts, a language shows the Portuguese ones.
  await loadLanguage(storedLanguage());
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

/** Resolves with false if the texts were not loaded. */
async function loadLanguage(language: Language): Promise<boolean> {
  try {
    addNamespaces(language, await load[language]());
    return true;
  } catch {
    return false;
  }
}

/** Adds texts of pages that are not in the main bundle. */
export function addTexts(texts: Record<Language, object>): void {
  for (const language of Object.keys(languages) as Language[]) addNamespaces(language, texts[language]);
}

function addNamespaces(language: Language, texts: object): void {
  for (const [namespace, added] of Object.entries(texts)) {
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

/** Shows a language without storing it. The present one stays if the texts cannot be loaded. */
export async function showLanguage(language: Language): Promise<void> {
  if (!(await loadLanguage(language))) return;
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
