import { z } from "zod";
import { endpoints } from "../../constants/index.ts";
import type { RouteDefinition } from "../define-route.ts";
import { SetSessionGroupsRequest } from "../inbox/groups.ts";
import { ConnectSessionRequest, CreateSessionRequest, pageOf } from "../requests.ts";
import { Session, SessionDetails, SessionPacing, SessionPairingCode, SessionQr } from "../resources.ts";
import { SessionProxy, SessionProxyTest, SetSessionProxyRequest } from "../session-proxy.ts";

const ById = z.object({ id: z.uuid() });

const managing = { tag: "Sessions", caller: "manager", scopes: ["sessions"] } as const;

export const sessionRoutes = {
  listSessions: {
    ...endpoints.listSessions,
    tag: "Sessions",
    summary: "List the company's sessions",
    caller: "member",
    scopes: ["read", "send", "sessions"],
    answer: { status: 200, description: "All sessions, in the order of creation.", body: pageOf(Session) },
  },
  createSession: {
    ...endpoints.createSession,
    ...managing,
    summary: "Create a session, to be connected next",
    body: CreateSessionRequest,
    answer: { status: 201, description: "The new session, stopped.", body: Session },
  },
  getSession: {
    ...endpoints.getSession,
    tag: "Sessions",
    summary: "Get a session with its health and history",
    caller: "member",
    scopes: ["read", "send", "sessions"],
    params: ById,
    answer: { status: 200, description: "The session.", body: SessionDetails },
  },
  removeSession: {
    ...endpoints.removeSession,
    ...managing,
    summary: "Unlink the phone and remove the session; chats and messages are kept",
    params: ById,
    answer: { status: 204, description: "The session is removed." },
  },
  connectSession: {
    ...endpoints.connectSession,
    ...managing,
    summary:
      "Start a session; `session_status` and `qr_code` events follow, and `pairing_code` events if a number is given",
    params: ById,
    body: ConnectSessionRequest,
    mayOmitBody: true,
    answer: { status: 202, description: "The current session.", body: Session },
    problems: [409],
  },
  disconnectSession: {
    ...endpoints.disconnectSession,
    ...managing,
    summary: "Stop a session; the phone stays linked",
    params: ById,
    answer: { status: 202, description: "The current session.", body: Session },
  },
  logoutSession: {
    ...endpoints.logoutSession,
    ...managing,
    summary: "Unlink the phone; the next connect requires a new QR code",
    params: ById,
    answer: { status: 202, description: "The current session.", body: Session },
    problems: [409],
  },
  getSessionQr: {
    ...endpoints.getSessionQr,
    ...managing,
    summary: "Get the current QR code",
    params: ById,
    answer: { status: 200, description: "The code; 404 if there is none.", body: SessionQr },
  },
  getSessionPairingCode: {
    ...endpoints.getSessionPairingCode,
    ...managing,
    summary: "Get the current pairing code",
    params: ById,
    answer: { status: 200, description: "The code; 404 if there is none.", body: SessionPairingCode },
  },
  getSessionPacing: {
    ...endpoints.getSessionPacing,
    tag: "Sessions",
    summary: "Get the send limits of a session and their current state",
    caller: "member",
    scopes: ["send", "sessions"],
    params: ById,
    answer: {
      status: 200,
      description: "The current state; `session_pacing` events report changes.",
      body: SessionPacing,
    },
  },
  getSessionProxy: {
    ...endpoints.getSessionProxy,
    ...managing,
    summary: "Get the proxy of a session, without its credentials",
    params: ById,
    answer: { status: 200, description: "The proxy, or null.", body: SessionProxy },
  },
  setSessionProxy: {
    ...endpoints.setSessionProxy,
    ...managing,
    summary: "Set the proxy through which a session reaches WhatsApp; a running session reconnects",
    params: ById,
    body: SetSessionProxyRequest,
    answer: { status: 200, description: "The proxy.", body: SessionProxy },
    problems: [409],
  },
  removeSessionProxy: {
    ...endpoints.removeSessionProxy,
    ...managing,
    summary: "Remove the proxy; a running session reconnects directly",
    params: ById,
    answer: { status: 204, description: "The session has no proxy." },
  },
  setSessionGroups: {
    ...endpoints.setSessionGroups,
    ...managing,
    summary: "Switch groups on or off, without a restart of the session; chats of groups stay readable",
    params: ById,
    body: SetSessionGroupsRequest,
    answer: { status: 200, description: "The session.", body: Session },
    problems: [409],
  },
  testSessionProxy: {
    ...endpoints.testSessionProxy,
    ...managing,
    summary: "Connect to WhatsApp through the proxy of a session once, from the API server",
    params: ById,
    answer: { status: 200, description: "Whether it worked, or why not.", body: SessionProxyTest },
    problems: [409],
  },
} as const satisfies Record<string, RouteDefinition>;
