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

const ofCompany = { tag: "Dead letters", caller: "manager" } as const;
const ofAllCompanies = { tag: "Operators", caller: "operator" } as const;

export const deadLetterRoutes = {
  listDeadLetters: {
    ...endpoints.listDeadLetters,
    ...ofCompany,
    summary: "List the company's failed jobs and messages, newest first",
    query: DeadLetterPageRequest,
    answer: page,
  },
  redriveDeadLetters: {
    ...endpoints.redriveDeadLetters,
    ...ofCompany,
    summary: "Redrive all resting dead letters, or those of one kind",
    body: RedriveRequest,
    mayOmitBody: true,
    answer: redriveAnswer,
  },
  redriveDeadLetter: {
    ...endpoints.redriveDeadLetter,
    ...ofCompany,
    summary: "Redrive one dead letter",
    params: ById,
    answer: oneRedriven,
    problems: [409],
  },
  discardDeadLetter: {
    ...endpoints.discardDeadLetter,
    ...ofCompany,
    summary: "Discard one dead letter and delete its payload",
    params: ById,
    body: DiscardRequest,
    answer: discarded,
    problems: [409],
  },
  listAllDeadLetters: {
    ...endpoints.listAllDeadLetters,
    ...ofAllCompanies,
    summary: "List the dead letters of all companies, and those without a company, newest first",
    query: OperatorDeadLetterPageRequest,
    answer: page,
  },
  redriveAllDeadLetters: {
    ...endpoints.redriveAllDeadLetters,
    ...ofAllCompanies,
    summary: "Redrive all resting dead letters, or those of one kind or company",
    body: OperatorRedriveRequest,
    mayOmitBody: true,
    answer: redriveAnswer,
  },
  redriveAnyDeadLetter: {
    ...endpoints.redriveAnyDeadLetter,
    ...ofAllCompanies,
    summary: "Redrive one dead letter of any company",
    params: ById,
    answer: oneRedriven,
    problems: [409],
  },
  discardAnyDeadLetter: {
    ...endpoints.discardAnyDeadLetter,
    ...ofAllCompanies,
    summary: "Discard one dead letter of any company and delete its payload",
    params: ById,
    body: DiscardRequest,
    answer: discarded,
    problems: [409],
  },
  openQueueDashboard: {
    ...endpoints.openQueueDashboard,
    ...ofAllCompanies,
    summary: "Open the queue dashboard, read-only, in this browser for 15 minutes",
    answer: {
      status: 200,
      description: "Path of the dashboard. An httpOnly cookie that grants read access to this path is set.",
      body: QueueDashboard,
    },
  },
} as const satisfies Record<string, RouteDefinition>;
