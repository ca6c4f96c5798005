import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en.ts";
import { ptBr } from "./pt-br.ts";

export const languages = { "pt-BR": "Português (Brasil)", en: "English" } as const;
export type Language = keyof typeof languages;
const storageKey = "syszap.language";

const remembered = (): Language => (localStorage.getItem(storageKey) === "en" ? "en" : "pt-BR");

/** Brazilian Portuguese unless the person chose English on this device before. */
export async function startTranslations(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: remembered(),
    fallbackLng: "pt-BR",
    showSupportNotice: false,
    resources: { "pt-BR": { translation: ptBr }, en: { translation: en } },
    interpolation: { escapeValue: false }, // React escapes
  });
  document.documentElement.lang = i18next.language;
}

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(storageKey, language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
