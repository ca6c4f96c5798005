import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { startPtBr } from "./locales/start-pt-br.ts";

type Loaders = Record<Language, () => Promise<object>>;

/** Texts by language and namespace. */
const resources: Record<Language, Record<string, object>> = { "pt-BR": { ...startPtBr }, en: {} };
/** The texts of the login. The Portuguese ones are part of the first bundle, because most visits need them. */
const startTexts: Loaders = {
  "pt-BR": async () => startPtBr,
  en: async () => (await import("./locales/start-en.ts")).startEn,
};
/** The texts of the inbox. */
const inboxTexts: Loaders = {
  "pt-BR": async () => (await import("./locales/pt-br.ts")).ptBr,
  en: async () => (await import("./locales/en.ts")).en,
};
/** The texts of the pages besides it. */
const pageTexts: Loaders = {
  "pt-BR": async () => (await import("./locales/pages-pt-br.ts")).pagesPtBr,
  en: async () => (await import("./locales/pages-en.ts")).pagesEn,
};
/** What this page needs, in the language that it shows. */
const needed = new Set([startTexts]);

export const languages = { "pt-BR": "Português (Brasil)", en: "English" } as const;
export type Language = keyof typeof languages;
/** The language of the texts that i18next shows. */
export const languageOf = (code: string): Language => (code === "en" ? "en" : "pt-BR");

const storageKey = "syszap.language";

const storedLanguage = (): Language => (localStorage.getItem(storageKey) === "en" ? "en" : "pt-BR");
/** The language that is shown, or that will be as soon as its texts are loaded. */
let wanted: Language = "pt-BR";

/** Starts with the language that was chosen on this device, otherwise with Brazilian Portuguese. */
export async function startTranslations(): Promise<void> {
  wanted = storedLanguage();
  // Without its texts, a language shows the Portuguese ones.
  await loadLanguage(wanted).catch(() => undefined);
  await i18next.use(initReactI18next).init({
    lng: wanted,
    fallbackLng: "pt-BR",
    showSupportNotice: false,
    resources: { ...resources },
    defaultNS: "common",
    interpolation: { escapeValue: false }, // React escapes
  });
  describePage();
}

/** Loads the texts of the inbox, in the present language and in those that are chosen later. */
export const loadInboxTexts = () => loadTexts(inboxTexts);
/** Like `loadInboxTexts`, for the pages besides the inbox. */
export const loadPageTexts = () => loadTexts(pageTexts);

async function loadTexts(texts: Loaders): Promise<void> {
  needed.add(texts);
  await loadLanguage(wanted);
}

/** Also loads what becomes necessary meanwhile. */
async function loadLanguage(language: Language): Promise<void> {
  for (const texts of needed) addNamespaces(language, await texts[language]());
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
  const before = wanted;
  wanted = language;
  try {
    await loadLanguage(language);
  } catch {
    wanted = before;
    return;
  }
  await i18next.changeLanguage(language);
  describePage();
}

/** The language of the document, and of the name under which the page is installed. */
function describePage(): void {
  const { language } = i18next;
  document.documentElement.lang = language;
  const manifest = language === "en" ? "/manifest.en.json" : "/manifest.json";
  document.querySelector("link[rel=manifest]")?.setAttribute("href", manifest);
}
