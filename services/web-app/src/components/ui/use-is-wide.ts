import { useSyncExternalStore } from "react";

const wide = window.matchMedia("(min-width: 48rem)");
const subscribe = (listener: () => void) => {
  wide.addEventListener("change", listener);
  return () => wide.removeEventListener("change", listener);
};

/** From Tailwind's `md` on, where the navigation stands at the side. */
export const useIsWide = (): boolean => useSyncExternalStore(subscribe, () => wide.matches);
