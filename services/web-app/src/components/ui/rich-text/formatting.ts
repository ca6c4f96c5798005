import { linksIn, type Token } from "./links.ts";

/** WhatsApp's inline formats by their delimiter. */
const formats = { "*": "bold", _: "italic", "~": "strike" } as const;
type Delimiter = keyof typeof formats;
export type Format = (typeof formats)[Delimiter] | "code";

/**
 * A piece of a line: plain text, a link or mention, or formatted pieces between two delimiters. Delimiters are hidden, not removed:
 * a line keeps every character of its text.
 */
export type Piece =
  | { text: string; href?: string; isMention?: boolean }
  | { format: Format; delimiter: string; pieces: Piece[] };
/** A line, or a block of code with several lines. */
export interface Line {
  kind: "plain" | "quote" | "bullet" | "number" | "code";
  /** The line break before it, if there is one. */
  before: "" | "\n";
  /** Characters around the pieces that mark the kind. */
  open: string;
  close: string;
  pieces: Piece[];
}
/** Mentioned people: how the text names them, and what is shown instead. */
export type Mentions = readonly { text: string; label: string }[];

const fence = "```";

/** Splits a text into lines with WhatsApp's formatting. Takes linear time for any text. */
export function formatText(text: string, mentions: Mentions = []): Line[] {
  const lines: Line[] = [];
  let before: Line["before"] = "";
  const addText = (segment: string, isBeforeCode: boolean) => {
    const isAfterCode = lines.length > 0;
    const parts = segment.split("\n");
    parts.forEach((part, index) => {
      if (index > 0) before = "\n";
      // A block breaks the line by itself: the break beside it makes no line of its own.
      const isEdge = (index === 0 && isAfterCode) || (index === parts.length - 1 && isBeforeCode);
      if (part === "" && isEdge) return;
      lines.push(lineOf(part, before, mentions));
      before = "";
    });
  };
  let from = 0;
  for (let scan = 0; ; ) {
    const start = text.indexOf(fence, scan);
    const end = start < 0 ? -1 : text.indexOf(fence, start + fence.length);
    if (end < 0) break;
    const [, open = "", code = "", close = ""] = /^(\n?)(.*?)(\n?)$/s.exec(text.slice(start + fence.length, end)) ?? [];
    if (code.trim() === "") {
      scan = end;
      continue;
    }
    addText(text.slice(from, start), true);
    lines.push({ kind: "code", before, open: fence + open, close: close + fence, pieces: [{ text: code }] });
    before = "";
    from = scan = end + fence.length;
  }
  addText(text.slice(from), false);
  return lines;
}

const kindOfMarker = { ">": "quote", "*": "bullet", "-": "bullet" } as const;

function lineOf(line: string, before: Line["before"], mentions: Mentions): Line {
  const open = /^(?:[>*-]|\d{1,3}\.) (?=\S)/u.exec(line)?.[0] ?? "";
  const pieces = piecesOf(line.slice(open.length), mentions);
  if (open === "") return { kind: "plain", before, open, close: "", pieces };
  const kind = kindOfMarker[open.charAt(0) as keyof typeof kindOfMarker] ?? "number";
  return { kind, before, open, close: "", pieces };
}

interface Open {
  delimiter: Delimiter;
  pieces: Piece[];
}

/** A single pass. Each delimiter is open at most once, so the stack has at most three entries. */
function piecesOf(line: string, mentions: Mentions): Piece[] {
  const tokens = tokensIn(line, mentions);
  const root: Piece[] = [];
  const stack: Open[] = [];
  const current = () => stack.at(-1)?.pieces ?? root;
  const lastTick = line.lastIndexOf("`");
  let plainFrom = 0;
  const flush = (to: number) => {
    if (to > plainFrom) current().push({ text: line.slice(plainFrom, to) });
  };
  let next = 0;
  for (let at = 0; at < line.length; ) {
    while ((tokens[next]?.from ?? line.length) < at) next += 1;
    const token = tokens[next];
    if (token?.from === at) {
      flush(at);
      current().push(pieceOf(token, line));
      at = plainFrom = token.to;
      continue;
    }
    const character = line[at] ?? "";
    if (character === "`" && at < lastTick) {
      const end = line.indexOf("`", at + 1);
      if (isShown(line, at + 1, end)) {
        flush(at);
        current().push({ format: "code", delimiter: "`", pieces: [{ text: line.slice(at + 1, end) }] });
        at = plainFrom = end + 1;
        continue;
      }
    } else if (isDelimiter(character)) {
      const opened = stack.findIndex((open) => open.delimiter === character);
      if (opened >= 0 && closes(line, at) && at > 0 && !isEmpty(stack, opened, plainFrom, at)) {
        flush(at);
        collapse(stack, opened + 1);
        const [closed] = stack.splice(opened);
        if (closed) {
          const { delimiter, pieces } = closed;
          current().push({ format: formats[delimiter], delimiter, pieces });
        }
        plainFrom = at + 1;
      } else if (opened < 0 && opens(line, at)) {
        flush(at);
        stack.push({ delimiter: character, pieces: [] });
        plainFrom = at + 1;
      }
    }
    at += 1;
  }
  flush(line.length);
  collapse(stack, 0, root);
  return root;
}

/** Whether there is something else than white space. Stops at the first character that is. */
const isShown = (line: string, from: number, to: number) => {
  for (let at = from; at < to; at += 1) if (!isSpace(line[at])) return true;
  return false;
};

const isDelimiter = (character: string): character is Delimiter => Object.hasOwn(formats, character);
const isEmpty = (stack: readonly Open[], opened: number, plainFrom: number, at: number) =>
  opened === stack.length - 1 && stack[opened]?.pieces.length === 0 && plainFrom === at;

/** Makes delimiters that were not closed text again, from the innermost down to `from`. */
function collapse(stack: Open[], from: number, root?: Piece[]): void {
  while (stack.length > from) {
    const open = stack.pop();
    const into = stack.at(-1)?.pieces ?? root;
    if (open && into) into.push({ text: open.delimiter }, ...open.pieces);
  }
}

const isWordCharacter = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}]/u.test(character);
const isSpace = (character: string | undefined) => character === undefined || /\s/.test(character);
const opens = (line: string, at: number) => !isWordCharacter(line[at - 1]) && !isSpace(line[at + 1]);
const closes = (line: string, at: number) => !isSpace(line[at - 1]) && !isWordCharacter(line[at + 1]);

/** Links and mentions in order, without overlaps. */
function tokensIn(line: string, mentions: Mentions): Token[] {
  const found = linksIn(line);
  for (const { text, label } of mentions) {
    const written = `@${text}`;
    for (let from = line.indexOf(written); from >= 0; from = line.indexOf(written, from + written.length))
      found.push({ from, to: from + written.length, label });
  }
  if (mentions.length === 0) return found;
  let end = 0;
  return found
    .sort((one, other) => one.from - other.from)
    .filter(({ from, to }) => {
      const isFree = from >= end;
      if (isFree) end = to;
      return isFree;
    });
}

const pieceOf = ({ from, to, href, label }: Token, line: string): Piece =>
  label === undefined
    ? { text: line.slice(from, to), ...(href !== undefined && { href }) }
    : { text: label, isMention: true };

const maxLargeEmoji = 3;
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const emoji = /\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|\p{Regional_Indicator}{2}|\u20E3/u;

/** Whether a text consists of at most three emoji, which WhatsApp shows large. */
export function isOnlyEmoji(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > maxLargeEmoji * 40 || !emoji.test(trimmed)) return false;
  const graphemes = [...segmenter.segment(trimmed)];
  return graphemes.length <= maxLargeEmoji && graphemes.every(({ segment }) => emoji.test(segment));
}

/** The text in one line, without the characters that only mark its formatting. For previews. */
export function plainText(text: string): string {
  const textOf = (pieces: Piece[]): string =>
    pieces.map((piece) => ("format" in piece ? textOf(piece.pieces) : piece.text)).join("");
  return formatText(text)
    .map(({ kind, open, pieces }) => (kind === "bullet" || kind === "number" ? open : "") + textOf(pieces))
    .join(" ");
}
