import { type RefObject, useRef, useState } from "react";

interface Copying<Shown extends HTMLElement> {
  /** Of the element that shows the text. */
  shown: RefObject<Shown | null>;
  isCopied: boolean;
  copy: () => Promise<void>;
}

/** Copies a text. Without HTTPS there is no clipboard access: then the shown text is selected, to be copied with the keyboard. */
export function useCopy<Shown extends HTMLElement>(text: string): Copying<Shown> {
  const [isCopied, setCopied] = useState(false);
  const shown = useRef<Shown>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      if (shown.current) getSelection()?.selectAllChildren(shown.current);
    }
  };
  return { shown, isCopied, copy };
}
