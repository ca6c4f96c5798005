import type { Team, UserAccount, UserEntry } from "@syszap/contracts";
import { at, newId } from "./builders.ts";

export const anAccount = (overrides: Partial<UserAccount> = {}): UserAccount => ({
  email: "bia@bomdia.example",
  role: "agent",
  state: "active",
  language: "pt-BR",
  hasSecondFactor: false,
  lastSeenAt: at(0),
  createdAt: at(0),
  invitation: null,
  ...overrides,
});

export const aPerson = (overrides: Partial<UserEntry> = {}): UserEntry => ({
  id: newId(),
  name: "Bia",
  pictureId: null,
  account: anAccount(),
  ...overrides,
});

export const aTeam = (overrides: Partial<Team> = {}): Team => ({
  id: newId(),
  name: "Vendas",
  memberIds: [],
  sessionIds: [],
  createdAt: at(0),
  ...overrides,
});
