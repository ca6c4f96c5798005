import type { ConnectorLoad, ConnectorState } from "@syszap/database";
import { ProblemError } from "../problem.ts";
import type { Command, Input, Output } from "./command-line.ts";
import type { Context } from "./context.ts";
import { planMoves } from "./plan-moves.ts";
import { table } from "./text.ts";

const argument = "CONNECTOR";
const mebibyte = 1024 * 1024;

export const connectorCommands: Record<string, Command<Context>> = {
  "connector list": {
    summary: "list connectors with their sessions and memory",
    run: async ({ database }) => {
      const [loads, unclaimed] = await Promise.all([
        database.system.connectors.loads(),
        database.system.connectors.unclaimedSessions(),
      ]);
      const rows = loads.map((load) => [
        load.id,
        load.isAlive ? load.state : `${load.stoppedAt ? "stopped" : "GONE"} (${load.state})`,
        `${load.sessions.length}/${load.maxSessions} sessions`,
        `${Math.round(memoryOf(load) / mebibyte)} MiB`,
        `host ${load.host}`,
        `version ${load.version}`,
        `seen ${load.lastSeenAt.toISOString()}`,
      ]);
      const none = "No connector has run yet.";
      return {
        text: `${rows.length > 0 ? table(rows) : none}\nSessions that no connector holds: ${unclaimed}`,
        json: { connectors: loads, unclaimedSessions: unclaimed },
      };
    },
  },
  "connector cordon": {
    summary: "claim no further sessions; running ones stay",
    argument,
    run: (context, input) => change(context, input, "cordoned", "It claims no further sessions."),
  },
  "connector drain": {
    summary: "hand all sessions over to other connectors, as far as these have room",
    argument,
    run: (context, input) =>
      change(context, input, "draining", "Its sessions move to other connectors. Watch with: syszap connector list"),
  },
  "connector uncordon": {
    summary: "end a cordon or a drain",
    argument,
    run: (context, input) => change(context, input, "active", "It claims sessions again."),
  },
  "connector rebalance": {
    summary: "move sessions until the connectors use about the same memory",
    run: async ({ database, wakeConnectors }) => {
      const moved = await database.system.connectors.move(planMoves(await database.system.connectors.loads()));
      await wakeConnectors();
      const text = moved === 0 ? "Nothing to move." : `${moved} sessions move. Watch with: syszap connector list`;
      return { text, json: { moved } };
    },
  },
};

async function change(context: Context, input: Input, state: ConnectorState, effect: string): Promise<Output> {
  const id = input.argument;
  if (!(await context.database.system.connectors.setState(id, state)))
    throw new ProblemError("not_found", `There is no connector "${id}". List them with: syszap connector list`);
  await context.wakeConnectors();
  return { text: `Connector ${id} is ${state}. ${effect}`, json: { id, state } };
}

const memoryOf = ({ sessions }: ConnectorLoad) => sessions.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
