import type { Language } from "../../../../i18n/index.ts";

export interface Emoji {
  emoji: string;
  label: string;
  group: number;
  /** By which it is found: names and keywords without accents, and the names that are common in chats, such as `thumbsup`. */
  names: readonly string[];
}

/** An entry of emojibase-data. Regional indicators have no group. */
interface CompactEmoji {
  unicode: string;
  hexcode: string;
  label: string;
  group?: number;
  tags?: readonly string[];
}
type Shortcodes = Record<string, string | readonly string[]>;

/** Skin tones and hair, which are no emoji by themselves. */
const componentGroup = 2;

const loaders: Record<Language, () => Promise<{ default: unknown }>> = {
  "pt-BR": () => import("emojibase-data/pt/compact.json"),
  en: () => import("emojibase-data/en/compact.json"),
};

/** Loads all emoji with their names in a language. The data are chunks of their own. */
export async function loadEmojis(language: Language): Promise<Emoji[]> {
  const [data, shortcodes] = await Promise.all([
    loaders[language](),
    import("emojibase-data/en/shortcodes/github.json"),
  ]);
  const chatNames = shortcodes.default as Shortcodes;
  return (data.default as CompactEmoji[]).flatMap(({ unicode, hexcode, label, group, tags = [] }) => {
    if (group === undefined || group === componentGroup) return [];
    const names = [chatNames[hexcode] ?? [], label, tags].flat().map(plainName);
    return { emoji: unicode, label, group, names };
  });
}

/** Without case and accents; spaces are underscores. */
export const plainName = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[\s:-]+/g, "_");
