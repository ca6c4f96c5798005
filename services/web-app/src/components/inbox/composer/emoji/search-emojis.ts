import { type Emoji, plainName } from "./emoji-data.ts";

/** The emoji that people use most, by Unicode's published frequencies. Of equally good matches they come first. */
const common = [
  ..."😂❤🤣👍😭🙏😘🥰😍😊🎉😁💕🥺😅🔥🤦🤷🙄😆🤗😉🎂🤔👏🙂😳🥳😎👌💜😔💪✨💖👀😋😏😢👉💗😩💯🌹💞🎈💙😃😡💐😜🙈🤞😄🤤🙌🤪😀💋💀👇💔😌💓🤩🙃😬😱😴🤭😐🌞😒😇🌸",
];
const commonAt = new Map(common.map((emoji, index) => [emoji, index]));
const commonness = ({ emoji }: Emoji): number => commonAt.get(emoji.replace("\uFE0F", "")) ?? common.length;

/** Smaller is better: a whole name, the beginning of one, the beginning of a word in one. Undefined without a match. */
function rankOf({ names }: Emoji, wanted: string): number | undefined {
  if (names.includes(wanted)) return 0;
  if (names.some((name) => name.startsWith(wanted))) return 1;
  return names.some((name) => name.includes(`_${wanted}`)) ? 2 : undefined;
}

/** The emoji that a name finds, the best first. */
export function searchEmojis(emojis: readonly Emoji[], name: string, limit: number): Emoji[] {
  const wanted = plainName(name.trim());
  if (wanted === "") return [];
  return emojis
    .flatMap((emoji) => {
      const rank = rankOf(emoji, wanted);
      return rank === undefined ? [] : { emoji, rank };
    })
    .sort((one, other) => one.rank - other.rank || commonness(one.emoji) - commonness(other.emoji))
    .slice(0, limit)
    .map(({ emoji }) => emoji);
}

/** The emoji with exactly this name, such as `smile` in `:smile:`. */
export const emojiNamed = (emojis: readonly Emoji[], name: string): Emoji | undefined => {
  const [best] = searchEmojis(emojis, name, 1);
  return best?.names.includes(plainName(name)) ? best : undefined;
};
