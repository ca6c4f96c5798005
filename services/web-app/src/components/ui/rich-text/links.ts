// Only http and https. Never javascript: or data:, and no bare word with a dot.
const links = /https?:\/\/[^\s<>"'`]+/giu;
const trailing = new Set(".,;:!?)]}…»”’");

/** A part of a text that is shown as a whole: a link, or the mention of a person. */
export interface Token {
  from: number;
  to: number;
  href?: string;
  /** Shown instead of the text. */
  label?: string;
}

/** Finds the links in a text, in order. */
export function linksIn(text: string): Token[] {
  const found: Token[] = [];
  for (const match of text.matchAll(links)) {
    const href = trimEnd(match[0]);
    if (URL.canParse(href)) found.push({ from: match.index, to: match.index + href.length, href });
  }
  return found;
}

/**
 * Removes punctuation after a URL. A closing bracket is kept if the URL contains its opening bracket. A loop, because a regular
 * expression that is anchored at the end only takes quadratic time for a long run of punctuation.
 */
function trimEnd(address: string): string {
  let end = address.length;
  while (trailing.has(address.charAt(end - 1))) end -= 1;
  const trimmed = address.slice(0, end);
  return address.charAt(end) === ")" && trimmed.includes("(") ? `${trimmed})` : trimmed;
}
