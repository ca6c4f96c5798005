import type { TimelineStage } from "@syszap/contracts";
import { z } from "zod";
import { readMessageTimeline } from "../operator/message-timeline.ts";
import { ProblemError } from "../problem.ts";
import { type Command, UsageError } from "./command-line.ts";
import type { Context } from "./context.ts";
import { table } from "./text.ts";

const actor = { kind: "system" } as const;

export const timelineCommand: Command<Context> = {
  summary: "show the stages of a message with their times, attempts and processes; recorded in the company's audit log",
  argument: "MESSAGE",
  run: async (context, input) => {
    const { data: id } = z.uuid().safeParse(input.argument);
    if (id === undefined) throw new UsageError("MESSAGE is the id of a message, a UUID.");
    const timeline = await readMessageTimeline(context, id, actor);
    if (!timeline) throw new ProblemError("not_found", `No company has a message with the id ${id}.`);
    const { companyId, sessionId, direction, status } = timeline;
    const head = `Company ${companyId}, session ${sessionId}, ${direction === 1 ? "sent" : "received"}${status ? `, ${status}` : ""}`;
    return { text: `${head}\n${table([columns, ...timeline.stages.map(rowOf)])}`, json: timeline };
  },
};

const columns = ["stage", "at", "attempts", "state", "process", "id"];
const rowOf = ({ stage, at, attempts, state, process, id }: TimelineStage): string[] => [
  ...[stage, at ?? "-", String(attempts ?? "-"), state ?? "-", process ?? "-", id ?? "-"],
];
