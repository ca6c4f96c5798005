import type { AnswerOf, Me, RouteName } from "@syszap/contracts";
import { apiKeys, auditLog, consumers, deadLetters, deliveries, statistics, webhooks } from "./seed/administration.ts";
import { chats, clientDetails, clients, group, groupMessages, mainChat, messages, participants } from "./seed/chats.ts";
import { ago, days, idOf, inMinutes } from "./seed/ids.ts";
import { connections, logins, owner, people, secondFactor, sessions, teams } from "./seed/people.ts";
import { companies, health, operators } from "./seed/platform.ts";

interface Request {
  params: Record<string, string>;
  query: URLSearchParams;
}
type Answers = { [Name in RouteName]?: (request: Request) => AnswerOf<Name> };

const onePage = <Item>(items: Item[]) => ({ items, next: null });
const contains = (text: string, search: string | null) =>
  search === null || text.toLowerCase().includes(search.toLowerCase());
const token = { accessToken: "token", expiresInSeconds: 600 };
const secret = "JBSWY3DPEHPK3PXP";
const qrPixel =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const recoveryCodes = Array.from({ length: 10 }, (_, index) => `${"abcde"}-${String(10_234 + index * 713)}`);

const messagesOf = (chatId: string | undefined) =>
  chatId === group.id ? groupMessages : chatId === mainChat.id ? messages : [];

/** The seeded answers of the REST API for this user. A page that asks for anything else gets 404. */
export const answersFor = (me: Me): Answers => ({
  refresh: () => ({ ...token, me }),
  login: () => ({ secondFactor: "code_required", challenge: "challenge", expiresInSeconds: 300 }),
  getMe: () => me,
  createRealtimeTicket: () => ({ ticket: "ticket", expiresAt: inMinutes(1), cursor: "1.0000000000000001" }),
  getRealtimeStats: () => connections,
  getStatistics: ({ query }) =>
    query.get("days") === "1" ? { ...statistics, perDay: statistics.perDay.slice(-1) } : statistics,
  getInboxCounts: () => ({ unreadChats: 4, unreadMessages: 17 }),

  listSessions: () => onePage(sessions),
  getSessionQr: ({ params }) => ({
    ...{ sessionId: params.id ?? "", qrCode: "2@seeded,code,for,pictures", expiresAt: inMinutes(1), attempt: 1 },
  }),
  getSessionPacing: ({ params }) => ({
    ...{ sessionId: params.id ?? "", state: "ok", cause: null, resetsAt: null, nextAllowedAt: null, waiting: 0 },
    hourly: { limit: 200, used: 37, remaining: 163, resetsAt: null },
    cold: { limit: 30, used: 12, remaining: 18, resetsAt: null },
    breaker: { state: "closed", failures: 0, retryAt: null, reason: null },
  }),
  getSessionProxy: ({ params }) => ({
    sessionId: params.id ?? "",
    proxy: { scheme: "socks5", host: "proxy.example.com", port: 1080, hasCredentials: true },
  }),

  listChats: ({ query }) =>
    onePage(chats.filter((chat) => contains(chat.client?.name ?? chat.group?.subject ?? "", query.get("search")))),
  getChat: ({ params }) => chats.find(({ id }) => id === params.id) ?? mainChat,
  markChatRead: ({ params }) => chats.find(({ id }) => id === params.id) ?? mainChat,
  listMessages: ({ params }) => ({ ...onePage(messagesOf(params.id).toReversed()), hasNewer: false }),
  listParticipants: () => onePage(participants),
  listClients: ({ query }) => onePage(clients.filter(({ name }) => contains(name ?? "", query.get("search")))),
  getClient: () => clientDetails,

  listUsers: () => onePage(people),
  listTeams: () => onePage(teams),
  getMyPush: () => ({ publicKey: null, isSubscribed: false }),
  listLogins: () => onePage(logins),
  getMySecondFactor: () => secondFactor,
  startMySecondFactor: () => ({ secret, uri: `otpauth://totp/sysZap?secret=${secret}`, qrCode: qrPixel }),
  replaceMyRecoveryCodes: () => ({ recoveryCodes }),
  getCompanySettings: () => ({
    ...{ id: owner.companyId, name: owner.companyName, agentsSee: "team", requireSecondFactor: "none" },
    timeZone: statistics.timeZone,
    ...{ keepMessagesDays: null, keepFilesDays: 90, keepAuditDays: null },
  }),
  readInvitation: () => ({
    ...{ companyName: owner.companyName, email: "eva@padaria.example", name: "Eva Prado" },
    ...{ language: me.language, expiresAt: inMinutes(3 * days) },
  }),
  listAuditLog: () => onePage(auditLog),
  listDeadLetters: () => onePage(deadLetters),
  listWebhooks: () => onePage(webhooks),
  listWebhookDeliveries: () => onePage(deliveries),
  listConsumers: () => onePage(consumers),
  listApiKeys: () => onePage(apiKeys),
  createApiKey: () => ({
    ...{ id: idOf("key", 3), userId: owner.userId, name: "CRM", scopes: ["read"], hint: "syszap_3Fh7s" },
    ...{ expiresAt: null, lastUsedAt: null, revokedAt: null, createdAt: ago(0) },
    secret: "syszap_seeded-secret-of-a-key-that-does-not-exist",
  }),

  refreshOperator: () => ({
    ...{ ...token, loginExpiresAt: inMinutes(600) },
    operator: { id: operators[0]?.id ?? "", email: "olga@operadores.example", name: "Olga Martins" },
  }),
  listCompanies: () => onePage(companies),
  getCompany: ({ params }) => companies.find(({ id }) => id === params.id) ?? (companies[0] as (typeof companies)[0]),
  listOperators: () => ({ items: operators }),
  getMyOperatorFactor: () => secondFactor,
  getPlatformHealth: () => health,
  listAllDeadLetters: () => onePage(deadLetters),
});
