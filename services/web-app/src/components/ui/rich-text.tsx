import { Fragment } from "react";

// Only http and https. Never javascript: or data:, and no bare word with a dot.
const links = /https?:\/\/[^\s<>"'`]+/giu;
const trailing = new Set(".,;:!?)]}…»”’");

interface Piece {
  text: string;
  href?: string;
}

/** Splits a text into plain pieces and links. Joined, the pieces are the original text, byte for byte. */
export function splitLinks(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(links)) {
    const href = trimEnd(match[0]);
    if (!URL.canParse(href)) continue;
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    pieces.push({ text: href, href });
    from = match.index + href.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
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

/** A message's text, unchanged, with links. They open in a new tab that gets no referrer and no opener. */
export function RichText({ text }: { text: string }) {
  return splitLinks(text).map((piece, index) =>
    piece.href === undefined ? (
      <Fragment key={index}>{piece.text}</Fragment>
    ) : (
      <a
        key={index}
        href={piece.href}
        target="_blank"
        rel="noopener noreferrer nofollow"
        className="text-info underline underline-offset-2"
      >
        {piece.text}
      </a>
    ),
  );
}
