import { Fragment, type ReactNode } from "react";
import { type Format, formatText, type Line, type Mentions, type Piece } from "./formatting.ts";

interface RichTextProps {
  text: string;
  mentions?: Mentions;
}

/**
 * A message's text with links and WhatsApp's formatting. Characters that only mark the formatting are hidden, so that the text stays
 * the original, byte for byte.
 */
export function RichText({ text, mentions = [] }: RichTextProps) {
  const lines = formatText(text, mentions);
  return lines.map((line, index) => {
    const isBlock = line.kind !== "plain" || (lines[index - 1]?.kind ?? "plain") !== "plain";
    return (
      <Fragment key={index}>
        {isBlock ? <Mark text={line.before} /> : line.before}
        <ShownLine line={line} />
      </Fragment>
    );
  });
}

const Mark = ({ text }: { text: string }) => text !== "" && <span hidden>{text}</span>;

const looks = {
  quote: "my-0.5 block border-muted border-l-4 pl-2 text-muted",
  bullet: "block pl-4 before:-ml-3 before:inline-block before:w-3 before:content-['•']",
  number: "block pl-5 -indent-5",
};

function ShownLine({ line: { kind, open, close, pieces } }: { line: Line }) {
  const content = <Pieces pieces={pieces} />;
  if (kind === "plain") return content;
  if (kind === "code")
    return (
      <code className="my-1 block overflow-x-auto rounded-md bg-sunken px-2 py-1 font-mono text-sm">
        <Mark text={open} />
        {content}
        <Mark text={close} />
      </code>
    );
  return (
    <span className={looks[kind]}>
      {kind === "number" ? open : <Mark text={open} />}
      {content}
    </span>
  );
}

function Pieces({ pieces }: { pieces: Piece[] }) {
  return pieces.map((piece, index) => <ShownPiece key={index} piece={piece} />);
}

function ShownPiece({ piece }: { piece: Piece }) {
  if ("format" in piece)
    return formatted[piece.format](
      <>
        <Mark text={piece.delimiter} />
        <Pieces pieces={piece.pieces} />
        <Mark text={piece.delimiter} />
      </>,
    );
  if (piece.isMention) return <span className="font-medium text-info">{piece.text}</span>;
  if (piece.href === undefined) return piece.text;
  // The new tab gets no referrer and no opener.
  return (
    <a
      href={piece.href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className="text-info underline underline-offset-2"
    >
      {piece.text}
    </a>
  );
}

const formatted: { [Name in Format]: (content: ReactNode) => ReactNode } = {
  bold: (content) => <strong>{content}</strong>,
  italic: (content) => <em>{content}</em>,
  strike: (content) => <s>{content}</s>,
  code: (content) => <code className="rounded bg-sunken px-1 font-mono text-[0.9em]">{content}</code>,
};
