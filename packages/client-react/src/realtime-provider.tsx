import type { RealtimeClient } from "@syszap/client";
import { createContext, type ReactNode, useContext, useLayoutEffect, useRef } from "react";

const ClientContext = createContext<RealtimeClient | undefined>(undefined);

interface RealtimeProviderProps {
  client: RealtimeClient;
  /** The signed-in user. The client is disconnected while it is undefined. */
  identity: { companyId: string; userId: string } | undefined;
  children: ReactNode;
}

/** Keeps the client connected as the signed-in user while it is mounted. */
export function RealtimeProvider({ client, identity, children }: RealtimeProviderProps) {
  const closing = useRef<ReturnType<typeof setTimeout>>(undefined);
  const companyId = identity?.companyId;
  const userId = identity?.userId;
  // A layout effect runs before the effects of child components, whose first snapshots wait for the cursor of this connection.
  useLayoutEffect(() => {
    if (companyId === undefined || userId === undefined) return;
    clearTimeout(closing.current);
    client.connect(companyId, userId);
    return () => {
      // Deferred, because Strict Mode unmounts and mounts again at once and the connection must survive that.
      closing.current = setTimeout(() => client.disconnect(), 0);
    };
  }, [client, companyId, userId]);
  return <ClientContext value={client}>{children}</ClientContext>;
}

/** The client of the nearest `RealtimeProvider`. */
export function useRealtimeClient(): RealtimeClient {
  const client = useContext(ClientContext);
  if (!client) throw new Error("This hook must be used inside a RealtimeProvider");
  return client;
}
