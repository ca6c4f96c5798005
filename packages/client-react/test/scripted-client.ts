import type { ConnectionState, RealtimeClient } from "@syszap/client";
import { act } from "@testing-library/react";

/** Stands for the connection: the test says what arrives. */
export function scriptedClient() {
  const calls: string[] = [];
  const listeners = new Map<string, Set<(...args: never[]) => void>>();
  const listen = (type: string, listener: (...args: never[]) => void) => {
    const ofType = listeners.get(type) ?? new Set();
    listeners.set(type, ofType.add(listener));
    return () => void ofType.delete(listener);
  };
  const tell = (type: string, data: unknown) => {
    for (const listener of listeners.get(type) ?? []) listener(...([data] as never[]));
  };
  const client = {
    state: "idle" as ConnectionState,
    connect: (companyId: string, userId: string) => calls.push(`connect ${companyId} ${userId}`),
    disconnect: () => calls.push("disconnect"),
    on: listen,
    onStateChange: (listener: (...args: never[]) => void) => listen("state", listener),
    send: (type: string) => calls.push(`send ${type}`) > 0,
  };
  return {
    client: client as unknown as RealtimeClient,
    calls,
    count: (type: string) => listeners.get(type)?.size ?? 0,
    tell: (type: string, data: unknown) => act(() => tell(type, data)),
    message: (Body: string) => act(() => tell("new_message", { Body })),
    become: (state: ConnectionState) =>
      act(() => {
        client.state = state;
        tell("state", state);
      }),
  };
}
