import { z } from "zod";
import { endpoints } from "../../constants/index.ts";
import {
  DeadLetter,
  DeadLetterPageRequest,
  DiscardRequest,
  OperatorDeadLetterPageRequest,
  OperatorRedriveRequest,
  QueueDashboard,
  RedriveAnswer,
  RedriveRequest,
} from "../dead-letters.ts";
import type { RouteDefinition } from "../define-route.ts";
import { pageOf } from "../requests.ts";

const ById = z.object({ id: z.uuid() });
const redriveAnswer = {
  status: 202,
  description: "The jobs are queued again, each once.",
  body: RedriveAnswer,
} as const;
const oneRedriven = {
  status: 202,
  description: "The job is queued again under its own job id. If it fails again, this dead letter rests again.",
  body: DeadLetter,
} as const;
const discarded = { status: 200, description: "The dead letter, closed for good.", body: DeadLetter } as const;
const page = { status: 200, description: "One page.", body: pageOf(DeadLetter) } as const;

export const deadLetterRoutes = {
  listDeadLetters: {
    ...endpoints.listDeadLetters,
    tag: "Dead letters",
    summary: "List the company's failed jobs and messages, newest first",
    caller: "manager",
    query: DeadLetterPageRequest,
    answer: page,
  },
  redriveDeadLetters: {
    ...endpoints.redriveDeadLetters,
    tag: "Dead letters",
    summary: "Redrive all resting dead letters, or those of one kind",
    caller: "manager",
    body: RedriveRequest,
    mayOmitBody: true,
    answer: redriveAnswer,
  },
  redriveDeadLetter: {
    ...endpoints.redriveDeadLetter,
    tag: "Dead letters",
    summary: "Redrive one dead letter",
    caller: "manager",
    params: ById,
    answer: oneRedriven,
    problems: [409],
  },
  discardDeadLetter: {
    ...endpoints.discardDeadLetter,
    tag: "Dead letters",
    summary: "Discard one dead letter and delete its payload",
    caller: "manager",
    params: ById,
    body: DiscardRequest,
    answer: discarded,
    problems: [409],
  },
  listAllDeadLetters: {
    ...endpoints.listAllDeadLetters,
    tag: "Operators",
    summary: "List the dead letters of all companies, and those without a company, newest first",
    caller: "operator",
    query: OperatorDeadLetterPageRequest,
    answer: page,
  },
  redriveAllDeadLetters: {
    ...endpoints.redriveAllDeadLetters,
    tag: "Operators",
    summary: "Redrive all resting dead letters, or those of one kind or company",
    caller: "operator",
    body: OperatorRedriveRequest,
    mayOmitBody: true,
    answer: redriveAnswer,
  },
  redriveAnyDeadLetter: {
    ...endpoints.redriveAnyDeadLetter,
    tag: "Operators",
    summary: "Redrive one dead letter of any company",
    caller: "operator",
    params: ById,
    answer: oneRedriven,
    problems: [409],
  },
  discardAnyDeadLetter: {
    ...endpoints.discardAnyDeadLetter,
    tag: "Operators",
    summary: "Discard one dead letter of any company and delete its payload",
    caller: "operator",
    params: ById,
    body: DiscardRequest,
    answer: discarded,
    problems: [409],
  },
  openQueueDashboard: {
    ...endpoints.openQueueDashboard,
    tag: "Operators",
    summary: "Open the queue dashboard, read-only, in this browser for 15 minutes",
    caller: "operator",
    answer: {
      status: 200,
      description: "Path of the dashboard. An httpOnly cookie that grants read access to this path is set.",
      body: QueueDashboard,
    },
  },
} as const satisfies Record<string, RouteDefinition>;
