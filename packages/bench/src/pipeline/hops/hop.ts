import type { PipelineEnvironment } from "../environment/pipeline-environment.ts";

/** A part of the way of a message, measured alone and without our code around it. */
export interface Hop {
  /** Resolves when one message has passed the hop. */
  pass(): Promise<unknown>;
  close(): Promise<unknown>;
}
export type OpenHop = (environment: PipelineEnvironment) => Promise<Hop>;
