import type { Me, OpenLogin, RealtimeStats, SecondFactorState, Session, Team, UserEntry } from "@syszap/contracts";
import { ago, days, hours, idOf, inMinutes } from "./ids.ts";

const companyId = idOf("company", 1);
const personId = (number: number) => idOf("user", number);

export const owner: Me = {
  userId: personId(1),
  companyId,
  companyName: "Padaria São João",
  name: "Ana Souza",
  email: "ana@padaria.example",
  role: "owner",
  language: "pt-BR",
  pictureId: null,
};
export const agent: Me = {
  ...owner,
  userId: personId(3),
  name: "Caio Mendes",
  email: "caio@padaria.example",
  role: "agent",
};

const person = (
  number: number,
  name: string,
  account: Partial<NonNullable<UserEntry["account"]>>,
): UserEntry & { account: NonNullable<UserEntry["account"]> } => ({
  id: personId(number),
  name,
  pictureId: null,
  account: {
    email: `${name.split(" ", 1)[0]?.toLowerCase()}@padaria.example`,
    role: "agent",
    state: "active",
    language: "pt-BR",
    hasSecondFactor: false,
    lastSeenAt: ago(number * 20),
    createdAt: ago(200 * days),
    invitation: null,
    ...account,
  },
});
export const people = [
  person(1, owner.name, { role: "owner", hasSecondFactor: true }),
  person(2, "Bruno Lima", { role: "admin", language: "en" }),
  person(3, agent.name, {}),
  person(4, "Daniela Conceição de Albuquerque", { state: "disabled", lastSeenAt: ago(40 * days) }),
  person(5, "Eva Prado", {
    state: "invited",
    lastSeenAt: null,
    invitation: { mail: "off", expiresAt: inMinutes(3 * days) },
  }),
];

export const sessionIds = [1, 2, 3, 4].map((number) => idOf("session", number));
const [salesId = "", supportId = "", shopId = "", oldId = ""] = sessionIds;
const session = (id: string, name: string, more: Partial<Session>): Session => ({
  id,
  name,
  engine: "wppconnect",
  status: "connected",
  detail: "connected",
  reason: null,
  phoneNumber: "5511912345678",
  groupsEnabled: true,
  version: 3,
  createdAt: ago(90 * days),
  updatedAt: ago(3 * hours),
  ...more,
});
export const sessions = [
  session(salesId, "Vendas", {}),
  session(supportId, "Atendimento ao cliente", { phoneNumber: "5511998765432", groupsEnabled: false }),
  session(shopId, "Loja do centro", { status: "qr", detail: "qr", phoneNumber: null, groupsEnabled: false }),
  session(oldId, "Número antigo", {
    ...{ status: "disconnected", detail: "logged_out", reason: "unlinked_on_phone" },
    phoneNumber: "5511955554444",
    groupsEnabled: false,
  }),
];

export const teams: Team[] = [
  {
    id: idOf("team", 1),
    name: "Vendas",
    memberIds: [personId(2), personId(3)],
    sessionIds: [salesId],
    createdAt: ago(80 * days),
  },
  {
    id: idOf("team", 2),
    name: "Suporte",
    memberIds: [personId(3)],
    sessionIds: [supportId],
    createdAt: ago(80 * days),
  },
];

export const logins: OpenLogin[] = [
  {
    ...{ id: idOf("login", 1), isCurrent: true, browser: "Chrome", system: "Windows" },
    ...{ address: "203.0.113.7", startedAt: ago(5 * hours), lastSeenAt: ago(0) },
  },
  {
    ...{ id: idOf("login", 2), isCurrent: false, browser: "Safari", system: "iOS" },
    ...{ address: "198.51.100.4", startedAt: ago(6 * days), lastSeenAt: ago(2 * days) },
  },
];

export const secondFactor: SecondFactorState = {
  isOn: true,
  isRequired: false,
  activatedAt: ago(30 * days),
  recoveryCodesLeft: 7,
};

const connection = (number: number, user: number, minutes: number) => ({
  id: idOf("connection", number),
  companyId,
  userId: personId(user),
  connected: ago(minutes),
});
export const connections: RealtimeStats = {
  totalConnections: 4,
  connections: [connection(1, 1, 300), connection(2, 1, 20), connection(3, 2, 45), connection(4, 3, 120)],
  next: null,
};
