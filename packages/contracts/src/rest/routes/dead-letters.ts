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
const redriveAnswer = { status: 202, description: "They run within seconds, each once.", body: RedriveAnswer } as const;
const oneRedriven = {
  status: 202,
  description: "It runs within seconds, once, under its own job id. Failing again brings this letter back.",
  body: DeadLetter,
} as const;
const discarded = { status: 200, description: "The letter, closed for good.", body: DeadLetter } as const;
const page = { status: 200, description: "One page.", body: pageOf(DeadLetter) } as const;

export const deadLetterRoutes = {
  listDeadLetters: {
    ...endpoints.listDeadLetters,
    tag: "Dead letters",
    summary: "What of the company could not be processed or sent, newest first",
    caller: "manager",
    query: DeadLetterPageRequest,
    answer: page,
  },
  redriveDeadLetters: {
    ...endpoints.redriveDeadLetters,
    tag: "Dead letters",
    summary: "Try again all that rest, or those of one kind",
    caller: "manager",
    body: RedriveRequest,
    mayOmitBody: true,
    answer: redriveAnswer,
  },
  redriveDeadLetter: {
    ...endpoints.redriveDeadLetter,
    tag: "Dead letters",
    summary: "Try one again",
    caller: "manager",
    params: ById,
    answer: oneRedriven,
    problems: [409],
  },
  discardDeadLetter: {
    ...endpoints.discardDeadLetter,
    tag: "Dead letters",
    summary: "Never try it again; its payload is forgotten at once",
    caller: "manager",
    params: ById,
    body: DiscardRequest,
    answer: discarded,
    problems: [409],
  },
  listAllDeadLetters: {
    ...endpoints.listAllDeadLetters,
    tag: "Operators",
    summary: "Every company's dead letters, and those that name none, newest first",
    caller: "operator",
    query: OperatorDeadLetterPageRequest,
    answer: page,
  },
  redriveAllDeadLetters: {
    ...endpoints.redriveAllDeadLetters,
    tag: "Operators",
    summary: "Try again all that rest, or those of one kind or company",
    caller: "operator",
    body: OperatorRedriveRequest,
    mayOmitBody: true,
    answer: redriveAnswer,
  },
  redriveAnyDeadLetter: {
    ...endpoints.redriveAnyDeadLetter,
    tag: "Operators",
    summary: "Try one again, whoever's it is",
    caller: "operator",
    params: ById,
    answer: oneRedriven,
    problems: [409],
  },
  discardAnyDeadLetter: {
    ...endpoints.discardAnyDeadLetter,
    tag: "Operators",
    summary: "Never try one again, whoever's it is; its payload is forgotten at once",
    caller: "operator",
    params: ById,
    body: DiscardRequest,
    answer: discarded,
    problems: [409],
  },
  openQueueDashboard: {
    ...endpoints.openQueueDashboard,
    tag: "Operators",
    summary: "Let this browser read the queue dashboard for a quarter of an hour",
    caller: "operator",
    answer: {
      status: 200,
      description: "Where it is. An httpOnly cookie comes along that opens that path alone, for reading.",
      body: QueueDashboard,
    },
  },
} as const satisfies Record<string, RouteDefinition>;
