import { readPlatformHealth } from "../operator/platform-health.ts";
import type { Command } from "./command-line.ts";
import type { Context } from "./context.ts";
import { table } from "./text.ts";

export const statusCommand: Command<Context> = {
  summary: "show running services, sessions, queues and failures",
  run: async (context) => {
    const health = await readPlatformHealth(context);
    const { services, sessions, queue, outbound } = health;
    const upOrDown = (isUp: boolean) => (isUp ? "up" : "DOWN");
    const text = table([
      ["Postgres", upOrDown(services.postgres)],
      ["Redis", upOrDown(services.redis)],
      ["Gateways", String(services.gateways)],
      ["Connectors", String(services.connectors)],
      ["Workers", String(services.workers)],
      ["Connections", String(health.connections)],
      [
        "Sessions",
        Object.entries(sessions)
          .map(([state, count]) => `${count} ${state}`)
          .join(", "),
      ],
      ["Queue", `${queue.waiting} waiting, ${queue.active} active, ${queue.delayed} delayed`],
      ["Messages to send", String(outbound.waiting)],
      ["Dead letters", String(health.deadLetters)],
    ]);
    return { text, json: health };
  },
};
