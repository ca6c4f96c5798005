import { Redis } from "ioredis";
import { nextEvent } from "../../load/event.ts";
import type { OpenHop } from "./hop.ts";

const [channel, log, logLength] = ["hop", "hop:log", 2_000];

/** From a bare XADD and PUBLISH until a subscriber receives the event. */
export const openBusHop: OpenHop = async ({ redisUrl }) => {
  const [publisher, subscriber] = [new Redis(redisUrl), new Redis(redisUrl)];
  const waiting: (() => void)[] = [];
  subscriber.on("message", () => waiting.shift()?.());
  await subscriber.subscribe(channel);
  return {
    pass: () => {
      const received = new Promise<void>((resolve) => waiting.push(resolve));
      const frame = JSON.stringify(nextEvent());
      publisher.pipeline().xadd(log, "MAXLEN", "~", logLength, "*", "f", frame).publish(channel, frame).exec();
      return received;
    },
    close: async () => {
      await publisher.del(log);
      for (const redis of [publisher, subscriber]) redis.disconnect();
    },
  };
};
