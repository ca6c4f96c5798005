import type { OperatorAccount, PlatformCompany, PlatformHealth } from "@syszap/contracts";
import { ago, days, hours, idOf, inMinutes } from "./ids.ts";

const company = (number: number, name: string, more: Partial<PlatformCompany>): PlatformCompany => ({
  id: idOf("company", number),
  name,
  state: "active",
  createdAt: ago(number * 31 * days),
  suspendedAt: null,
  deletionDueAt: null,
  deleting: null,
  users: 3 + number,
  sessions: 4,
  connectedSessions: 2,
  lastActivityAt: ago(number * 7),
  ...more,
});
export const companies: PlatformCompany[] = [
  company(1, "Padaria São João", {}),
  company(2, "Auto Peças Irmãos Ferreira e Filhos Ltda.", { state: "suspended", suspendedAt: ago(3 * days) }),
  company(3, "Clínica Bem-Estar", { state: "deletion_scheduled", deletionDueAt: inMinutes(5 * days) }),
];

const operator = (number: number, name: string, more: Partial<OperatorAccount>): OperatorAccount => ({
  id: idOf("operator", number),
  email: `${name.split(" ", 1)[0]?.toLowerCase()}@operadores.example`,
  name,
  isDisabled: false,
  hasOneTimePassword: false,
  hasSecondFactor: true,
  createdAt: ago(300 * days),
  lastLoginAt: ago(number * hours),
  ...more,
});
export const operators: OperatorAccount[] = [
  operator(1, "Olga Martins", {}),
  operator(2, "Otávio Reis", { hasSecondFactor: false, hasOneTimePassword: true, lastLoginAt: null }),
  operator(3, "Odete Farias", { isDisabled: true }),
];

export const health: PlatformHealth = {
  services: { postgres: true, redis: true, gateways: 2, connectors: 3, workers: 4 },
  connections: 128,
  sessions: { connected: 41, connecting: 1, qr: 2, disconnected: 5 },
  queue: { waiting: 12, active: 4, delayed: 1, oldestWaitingAt: ago(1) },
  outbound: { waiting: 7, oldestWaitingAt: ago(3) },
  unpublished: 0,
  oldestUnpublishedAt: null,
  instances: [],
  leases: { held: 44, expired: 0, unclaimed: 0 },
  consumers: { count: 2, maxEventsBehind: 3, oldestUnacknowledgedAt: ago(1) },
  lastMigration: { name: "068-company-of-message", ranAt: ago(2 * days) },
  deadLetters: 2,
};
