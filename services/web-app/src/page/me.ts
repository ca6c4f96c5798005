import type { Me } from "@syszap/contracts";
import { sessionManagers } from "@syszap/contracts/constants";
import { createContext, useContext } from "react";

export const MeContext = createContext<Me | undefined>(undefined);

/** The signed-in user. Throws outside the pages that require a login. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe() was called outside MeContext: nobody is signed in");
  return me;
}

/** The server enforces the same rule. */
export const mayManageSessions = (me: Me): boolean => sessionManagers.includes(me.role);
