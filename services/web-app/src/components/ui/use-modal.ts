import { type RefObject, useEffect } from "react";

/** Opens the dialog over the page while it is mounted, and then returns the focus. */
export function useModal(dialog: RefObject<HTMLDialogElement | null>): void {
  useEffect(() => {
    const element = dialog.current;
    const focused = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (focused instanceof HTMLElement) focused.focus();
    };
  }, [dialog]);
}
