import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { z } from "zod";
import {
  ClientFrame,
  ControlFrame,
  catalog,
  type EventType,
  eventTypes,
  type JobName,
  jobSchemas,
  SessionCommand,
} from "../../src/index.ts";

/** Jobs, commands, frames and events in the formats of each release. Recorded before the release and never changed afterwards (decision 088). */
interface Recording {
  jobs: Record<JobName, unknown[]>;
  commands: unknown[];
  clientFrames: unknown[];
  controlFrames: unknown[];
  /** Contents of `data`. */
  events: Record<EventType, unknown[]>;
}
const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".json"));
const read = (file: string): Recording => JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));
const newest = files.toSorted().at(-1) ?? "";

/** The reader accepts it, and drops none of its fields. */
const expectRead = (schema: z.ZodType, written: unknown) => expect(schema.parse(written)).toEqual(written);

test.for(files)("reads the jobs that the release of %s wrote", (file) => {
  for (const [name, jobs] of Object.entries(read(file).jobs))
    for (const job of jobs) expectRead(jobSchemas[name as JobName], job);
});

test.for(files)("reads the commands and frames that the release of %s sent", (file) => {
  const { commands, clientFrames, controlFrames } = read(file);
  for (const command of commands) expectRead(SessionCommand, command);
  for (const frame of clientFrames) expectRead(ClientFrame, frame);
  for (const frame of controlFrames) expectRead(ControlFrame, frame);
});

test.for(files)("reads the events that the release of %s published", (file) => {
  for (const [type, events] of Object.entries(read(file).events))
    for (const data of events) expectRead(catalog[type as EventType].data, data);
});

test("the newest recording has every job, command, frame and event of this release", () => {
  const { jobs, commands, clientFrames, controlFrames, events } = read(newest);
  expect(Object.keys(events).sort()).toEqual([...eventTypes].sort());
  expect(Object.keys(jobs).sort()).toEqual(Object.keys(jobSchemas).sort());
  const namesOf = (recorded: unknown[], key: "kind" | "type") =>
    new Set(recorded.map((each) => (each as Record<string, string>)[key]));
  const kinds = SessionCommand.options.map(({ shape }) => shape.kind.value);
  expect(namesOf(commands, "kind")).toEqual(new Set(kinds));
  expect(namesOf(clientFrames, "type")).toEqual(new Set(ClientFrame.options.map(({ shape }) => shape.type.value)));
  expect(namesOf(controlFrames, "type")).toEqual(new Set(ControlFrame.options.map(({ shape }) => shape.type.value)));
});
