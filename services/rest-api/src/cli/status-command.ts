import type { PlatformHealth } from "@syszap/contracts";
import { readPlatformHealth } from "../operator/platform-health.ts";
import type { Command } from "./command-line.ts";
import type { Context } from "./context.ts";
import { table } from "./text.ts";

export const statusCommand: Command<Context> = {
  summary: "show running services with their versions, sessions, leases, queues, lag and failures",
  run: async (context) => {
    const health = await readPlatformHealth(context);
    return { text: `${table(instanceRows(health))}\n\n${table(stateRows(health, Date.now()))}`, json: health };
  },
};

const instanceRows = ({ instances }: PlatformHealth): string[][] =>
  instances.length === 0
    ? [["No process is announced in Redis."]]
    : [
        ["SERVICE", "INSTANCE", "VERSION", "RUNNING SINCE"],
        ...instances.map(({ service, instance, pid, version, startedAt }) => [
          ...[service, `${instance} (pid ${pid})`, version, startedAt],
        ]),
      ];

function stateRows(health: PlatformHealth, nowMs: number): string[][] {
  const { services, sessions, leases, queue, outbound, consumers, lastMigration } = health;
  const upOrDown = (isUp: boolean) => (isUp ? "up" : "DOWN");
  const oldest = (at: string | null) => (at === null ? "" : `, oldest ${ageOf(at, nowMs)}`);
  return [
    ["Postgres", upOrDown(services.postgres)],
    ["Redis", upOrDown(services.redis)],
    ["Gateways", `${services.gateways} with ${health.connections} connections`],
    ["Connectors", `${services.connectors} with sessions`],
    ["Workers", String(services.workers)],
    [
      "Sessions",
      Object.entries(sessions)
        .map(([state, count]) => `${count} ${state}`)
        .join(", "),
    ],
    ["Leases", `${leases.held} held, ${leases.expired} expired, ${leases.unclaimed} sessions unclaimed`],
    [
      "Queue",
      `${queue.waiting} waiting, ${queue.active} active, ${queue.delayed} delayed${oldest(queue.oldestWaitingAt)}`,
    ],
    ["Messages to send", `${outbound.waiting}${oldest(outbound.oldestWaitingAt)}`],
    ["Outbox", `${health.unpublished} unpublished${oldest(health.oldestUnpublishedAt)}`],
    [
      "Consumers",
      `${consumers.count}, at most ${consumers.maxEventsBehind} events behind${oldest(consumers.oldestUnacknowledgedAt)}`,
    ],
    ["Dead letters", String(health.deadLetters)],
    ["Last migration", lastMigration ? `${lastMigration.name} at ${lastMigration.ranAt}` : "none"],
  ];
}

/** Rounded down to the largest unit that fits. */
function ageOf(at: string, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(at)) / 1_000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} days`;
}
