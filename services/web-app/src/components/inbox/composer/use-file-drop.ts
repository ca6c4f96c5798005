import { type ClipboardEvent, type DragEvent, useEffect, useState } from "react";

/** The files of a drop or a paste. A dropped folder has no content of its own and is left out. */
function filesIn({ items, files }: DataTransfer): File[] {
  const isFolder = (item: DataTransferItem) => item.webkitGetAsEntry?.()?.isDirectory === true;
  const listed = [...(items ?? [])].filter(({ kind }) => kind === "file");
  if (listed.length === 0) return [...files];
  return listed.filter((item) => !isFolder(item)).flatMap((item) => item.getAsFile() ?? []);
}

const hasFiles = ({ types }: DataTransfer): boolean => types.includes("Files");

const ignore = (event: globalThis.DragEvent) => event.preventDefault();

/** Otherwise a file that is dropped beside the conversation would replace the page. */
function useKeepPage(): void {
  useEffect(() => {
    window.addEventListener("dragover", ignore);
    window.addEventListener("drop", ignore);
    return () => {
      window.removeEventListener("dragover", ignore);
      window.removeEventListener("drop", ignore);
    };
  }, []);
}

/** Handlers of an element that accepts dropped and pasted files, and whether files are being dragged over it. */
export function useFileDrop(onFiles: ((files: File[]) => void) | undefined) {
  /** Elements under the pointer: entering a child fires before leaving its parent. */
  const [depth, setDepth] = useState(0);
  useKeepPage();
  const handlers = {
    onDragEnter: (event: DragEvent) => {
      if (hasFiles(event.dataTransfer)) setDepth((before) => before + 1);
    },
    onDragLeave: (event: DragEvent) => {
      if (hasFiles(event.dataTransfer)) setDepth((before) => Math.max(0, before - 1));
    },
    onDrop: (event: DragEvent) => {
      setDepth(0);
      const dropped = filesIn(event.dataTransfer);
      if (dropped.length > 0) onFiles?.(dropped);
    },
    onPaste: (event: ClipboardEvent) => {
      const pasted = filesIn(event.clipboardData);
      if (pasted.length === 0 || !onFiles) return;
      event.preventDefault();
      onFiles(pasted);
    },
  };
  return { isOver: depth > 0 && onFiles !== undefined, handlers };
}
