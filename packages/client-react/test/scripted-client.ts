import type { ConnectionState, RealtimeClient } from "@syszap/client";
import { act } from "@testing-library/react";

/** A client without a connection. The test emits its events and sets its state. */
export function scriptedClient() {
  const calls: string[] = [];
  const listeners = new Map<string, Set<(...args: never[]) => void>>();
  const listen = (type: string, listener: (...args: never[]) => void) => {
    const ofType = listeners.get(type) ?? new Set();
    listeners.set(type, ofType.add(listener));
    return () => void ofType.delete(listener);
  };
  const emit = (type: string, data: unknown) => {
    for (const listener of listeners.get(type) ?? []) listener(...([data] as never[]));
  };
  const client = {
    state: "idle" as ConnectionState,
    failedAttempts: 0,
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
    emit: (type: string, data: unknown) => act(() => emit(type, data)),
    fail: () =>
      act(() => {
        client.failedAttempts += 1;
        emit("connect_error", { step: "socket", message: "refused", status: undefined });
      }),
    message: (Body: string) => act(() => emit("new_message", { Body })),
    setState: (state: ConnectionState) =>
      act(() => {
        client.state = state;
        emit("state", state);
      }),
  };
}
