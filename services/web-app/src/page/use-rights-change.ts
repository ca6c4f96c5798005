import type { Me } from "@syszap/contracts";
import { useEffect, useRef } from "react";
import { refetch } from "../live/apply-events.ts";
import { queryClient } from "./query-client.ts";
import { clearPageState } from "./state.ts";

/** Reads the data again when the role of the signed-in user changed, and drops it when another user signed in. */
export function useRightsChange(me: Me | undefined): void {
  const before = useRef<Me>(undefined);
  useEffect(() => {
    const last = before.current;
    before.current = me;
    if (!last || !me) return;
    if (last.userId !== me.userId) clearPageState();
    else if (last.role !== me.role) refetch(queryClient);
  }, [me]);
}
