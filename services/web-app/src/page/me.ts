import type { Me } from "@syszap/contracts";
import { createContext, useContext } from "react";

export const MeContext = createContext<Me | undefined>(undefined);

/** The signed-in person; only for what is shown after signing in. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("Nobody is signed in here");
  return me;
}

/** As the server decides it: a QR code is a credential. */
export const mayManageSessions = (me: Me): boolean => me.role === "owner" || me.role === "admin";
