import { useSyncExternalStore } from "react";

const wide = window.matchMedia("(min-width: 48rem)");
const subscribe = (listener: () => void) => {
  wide.addEventListener("change", listener);
  return () => wide.removeEventListener("change", listener);
};

/** True from Tailwind's `md` breakpoint on, where the navigation is at the side. */
export const useIsWide = (): boolean => useSyncExternalStore(subscribe, () => wide.matches);
