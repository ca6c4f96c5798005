import type { ClientEventType, EventListener, RealtimeClient } from "@syszap/client";
import type { CallBatches } from "./call-batches.ts";

/** Notices of the client itself. Listeners of them may read what the events before them changed. */
const notices: readonly string[] = ["welcome", "resync", "pong", "error", "connect_error"];

/**
 * Makes a client call the listeners of events in batches, in the order of the events. Notices and snapshots come after all events that
 * arrived before them.
 */
export function deliverInBatches(client: RealtimeClient, batches: CallBatches): RealtimeClient {
  const { on, onDurable, snapshot } = client;
  const added = new WeakMap<object, () => void>();
  const later = <Arguments extends unknown[]>(
    listener: (...values: Arguments) => void,
    add: (later: (...values: Arguments) => void) => () => void,
  ) => {
    let isListening = true;
    const remove = add((...values) => batches.add(() => isListening && listener(...values)));
    return () => {
      isListening = false;
      remove();
    };
  };
  return Object.assign(client, {
    on<Type extends ClientEventType>(type: Type, listener: EventListener<Type>) {
      const stop = notices.includes(type)
        ? on<Type>(type, (data, frame) => {
            batches.flush();
            listener(data, frame);
          })
        : later(listener, (deliver) => on(type, deliver));
      added.set(listener, stop);
      return stop;
    },
    off: ((_type, listener) => added.get(listener)?.()) as RealtimeClient["off"],
    onDurable: ((listener) => later(listener, onDurable)) as RealtimeClient["onDurable"],
    snapshot: (async (fetch, apply) => {
      const value = await snapshot(fetch, apply);
      batches.flush();
      return value;
    }) as RealtimeClient["snapshot"],
  });
}
