import type { Company } from "../environment/company.ts";
import type { ConnectorPaths, Connectors } from "../environment/connectors.ts";
import type { EventConsumer } from "../environment/event-consumer.ts";
import type { EventRecorder } from "../environment/event-recorder.ts";

/** The parts of the environment that belong to one seed. */
export interface RoundParts {
  company: Company;
  events: EventRecorder;
  consumer: EventConsumer;
  connectors: Connectors;
  paths: ConnectorPaths;
}
