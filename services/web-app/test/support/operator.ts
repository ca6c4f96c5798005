import "../../src/i18n/operator-texts.ts";
import type { OperatorAccount, PlatformCompany, PlatformHealth } from "@syszap/contracts";
import { problemTypes as problems, type problemTypes } from "@syszap/contracts/constants";
import { at, newId } from "./builders.ts";
import type { preparePage } from "./page.tsx";

export const aCompany = (overrides: Partial<PlatformCompany> = {}): PlatformCompany => ({
  id: newId(),
  name: "Padaria Bom Dia",
  state: "active",
  createdAt: at(0),
  suspendedAt: null,
  deletionDueAt: null,
  deleting: null,
  users: 3,
  sessions: 2,
  connectedSessions: 1,
  lastActivityAt: null,
  ...overrides,
});

export const anOperator = (overrides: Partial<OperatorAccount> = {}): OperatorAccount => ({
  id: newId(),
  name: "Otto",
  email: "otto@plataforma.example",
  isDisabled: false,
  hasOneTimePassword: false,
  hasSecondFactor: false,
  createdAt: at(0),
  lastLoginAt: null,
  ...overrides,
});

export const aHealth = (overrides: Partial<PlatformHealth> = {}): PlatformHealth => ({
  services: { postgres: true, redis: true, gateways: 2, connectors: 1, workers: 3 },
  connections: 41,
  sessions: { connected: 5, connecting: 1, qr: 0, disconnected: 7 },
  queue: { waiting: 0, active: 0, delayed: 0, oldestWaitingAt: null },
  outbound: { waiting: 0, oldestWaitingAt: null },
  unpublished: 0,
  oldestUnpublishedAt: null,
  instances: [],
  leases: { held: 6, expired: 0, unclaimed: 0 },
  consumers: { count: 0, maxEventsBehind: 0, oldestUnacknowledgedAt: null },
  lastMigration: null,
  deadLetters: 0,
  ...overrides,
});

export const problem = (name: keyof typeof problemTypes) => ({ status: problems[name].status, body: problems[name] });

type Answer = Parameters<ReturnType<typeof preparePage>["answerWith"]>[0];

/** Adds the answer to the operator's login, which every page of operators needs. */
export const asOperator =
  (answer: Answer): Answer =>
  (call) =>
    call.path === "/v1/operator/auth/refresh"
      ? {
          body: {
            accessToken: "t",
            expiresInSeconds: 600,
            loginExpiresAt: at(9),
            operator: { id: newId(), name: "Otto", email: "otto@plataforma.example" },
          },
        }
      : answer(call);
