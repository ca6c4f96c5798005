import type { RealtimeClient } from "@syszap/client";
import { createContext, type ReactNode, useContext, useLayoutEffect, useRef } from "react";

const ClientContext = createContext<RealtimeClient | undefined>(undefined);

interface RealtimeProviderProps {
  client: RealtimeClient;
  /** Who is signed in; without it the client stays closed. */
  identity: { companyId: string; userId: string } | undefined;
  children: ReactNode;
}

/** Keeps the client connected as whoever is signed in, while mounted. */
export function RealtimeProvider({ client, identity, children }: RealtimeProviderProps) {
  const closing = useRef<ReturnType<typeof setTimeout>>(undefined);
  const companyId = identity?.companyId;
  const userId = identity?.userId;
  // Before the effects of the pages below: their first reads wait for this connection's place in the log.
  useLayoutEffect(() => {
    if (companyId === undefined || userId === undefined) return;
    clearTimeout(closing.current);
    client.connect(companyId, userId);
    return () => {
      // Strict Mode unmounts and mounts again at once: that must not cost a connection.
      closing.current = setTimeout(() => client.disconnect(), 0);
    };
  }, [client, companyId, userId]);
  return <ClientContext value={client}>{children}</ClientContext>;
}

/** The client of the nearest `RealtimeProvider`. */
export function useRealtimeClient(): RealtimeClient {
  const client = useContext(ClientContext);
  if (!client) throw new Error("RealtimeProvider is missing above this component");
  return client;
}
