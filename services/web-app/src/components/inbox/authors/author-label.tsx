import { Smartphone } from "lucide-react";
import { hueOf } from "../../../lib/name-hue.ts";
import type { ShownAuthor } from "./use-author.ts";

interface AuthorLabelProps {
  author: ShownAuthor;
  isFirstOfGroup: boolean;
}

/**
 * The author of a message, above its text. Visible on the first message of a group, unless its side of the chat already names the
 * author. Screen readers read it on every message.
 */
export function AuthorLabel({ author: { kind, name }, isFirstOfGroup }: AuthorLabelProps) {
  const isVisible = isFirstOfGroup && kind !== "me" && kind !== "client";
  if (!isVisible) return <span className="sr-only">{name}: </span>;
  return (
    <p data-testid="message-author" className="mb-0.5 flex items-center gap-1 font-semibold text-muted text-xs">
      {kind === "phone" && <Smartphone aria-hidden="true" className="size-3.5 shrink-0" />}
      <span dir="auto" className="truncate" style={kind === "phone" ? undefined : { color: colorOf(name) }}>
        {name}
      </span>
      <span className="sr-only">: </span>
    </p>
  );
}

const colorOf = (name: string): string => `light-dark(hsl(${hueOf(name)} 60% 26%), hsl(${hueOf(name)} 60% 80%))`;
