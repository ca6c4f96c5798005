import { Fragment } from "react";

// Only what opens in a tab: never javascript:, data: or a bare word with a dot in it.
const links = /https?:\/\/[^\s<>"'`]+/giu;
const trailing = /[.,;:!?)\]}…»”’]+$/u;

interface Piece {
  text: string;
  href?: string;
}

/** The pieces joined are the text again, byte for byte. */
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

/** A full stop after an address belongs to the sentence, and a bracket only when it was opened outside. */
function trimEnd(address: string): string {
  const trimmed = address.replace(trailing, "");
  const rest = address.slice(trimmed.length);
  return rest.startsWith(")") && trimmed.includes("(") ? `${trimmed})` : trimmed;
}

/** A message's text as it was written; addresses open in a new tab that learns nothing of this page. */
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
