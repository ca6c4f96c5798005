import { z } from "zod";
import { endpoints } from "../../constants/index.ts";
import {
  AcknowledgeRequest,
  Consumer,
  ConsumerEvents,
  ConsumerEventsRequest,
  ConsumerName,
  CreateConsumerRequest,
  SeekRequest,
} from "../consumers.ts";
import type { RouteDefinition } from "../define-route.ts";

const ByName = z.object({ name: ConsumerName });
const shared = { tag: "Consumers", caller: "manager", scopes: ["read"] } as const;

export const consumerRoutes = {
  listConsumers: {
    ...endpoints.listConsumers,
    ...shared,
    summary: "List the company's consumers by name, and how far each is behind",
    answer: { status: 200, description: "All consumers.", body: z.object({ items: z.array(Consumer) }) },
  },
  createConsumer: {
    ...endpoints.createConsumer,
    ...shared,
    summary: "Create a consumer that starts after the newest event; has no effect if it exists with the same types",
    body: CreateConsumerRequest,
    answer: { status: 200, description: "The consumer.", body: Consumer },
    problems: [409],
  },
  removeConsumer: {
    ...endpoints.removeConsumer,
    ...shared,
    summary: "Remove a consumer and its cursor",
    params: ByName,
    answer: { status: 204, description: "The consumer is removed." },
  },
  readConsumerEvents: {
    ...endpoints.readConsumerEvents,
    ...shared,
    summary: "Read the events after the acknowledged cursor, in order; repeats them until they are acknowledged",
    params: ByName,
    query: ConsumerEventsRequest,
    answer: { status: 200, description: "The events, possibly none.", body: ConsumerEvents },
    problems: [410, 429],
  },
  acknowledgeConsumerEvents: {
    ...endpoints.acknowledgeConsumerEvents,
    ...shared,
    summary: "Acknowledge all events up to a cursor; an earlier cursor than the acknowledged one has no effect",
    params: ByName,
    body: AcknowledgeRequest,
    answer: { status: 200, description: "The consumer.", body: Consumer },
  },
  seekConsumer: {
    ...endpoints.seekConsumer,
    ...shared,
    summary: "Continue after another cursor, or with the first event of a point in time",
    params: ByName,
    body: SeekRequest,
    answer: { status: 200, description: "The consumer.", body: Consumer },
    problems: [410],
  },
} as const satisfies Record<string, RouteDefinition>;
