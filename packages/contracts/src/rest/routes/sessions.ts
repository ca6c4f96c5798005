import { z } from "zod";
import { endpoints } from "../../constants/index.ts";
import type { RouteDefinition } from "../define-route.ts";
import { ConnectSessionRequest, CreateSessionRequest, pageOf } from "../requests.ts";
import { Session, SessionDetails, SessionPacing, SessionPairingCode, SessionQr } from "../resources.ts";

const ById = z.object({ id: z.uuid() });

export const sessionRoutes = {
  listSessions: {
    ...endpoints.listSessions,
    tag: "Sessions",
    summary: "The company's linked phones, and those to be linked",
    caller: "member",
    scopes: ["read", "send", "sessions"],
    answer: { status: 200, description: "All of them, in the order of creation.", body: pageOf(Session) },
  },
  createSession: {
    ...endpoints.createSession,
    tag: "Sessions",
    summary: "Prepare a session; connect it next",
    caller: "manager",
    scopes: ["sessions"],
    body: CreateSessionRequest,
    answer: { status: 201, description: "The new session, stopped.", body: Session },
  },
  getSession: {
    ...endpoints.getSession,
    tag: "Sessions",
    summary: "One session, with its health and its last states",
    caller: "member",
    scopes: ["read", "send", "sessions"],
    params: ById,
    answer: { status: 200, description: "The session.", body: SessionDetails },
  },
  removeSession: {
    ...endpoints.removeSession,
    tag: "Sessions",
    summary: "Unlink and remove a session; its chats and messages stay",
    caller: "manager",
    scopes: ["sessions"],
    params: ById,
    answer: { status: 204, description: "Removed." },
  },
  connectSession: {
    ...endpoints.connectSession,
    tag: "Sessions",
    summary:
      "Start a session: `session_status` and `qr_code` events follow, and `pairing_code` events where a number is given",
    caller: "manager",
    scopes: ["sessions"],
    params: ById,
    body: ConnectSessionRequest,
    mayOmitBody: true,
    answer: { status: 202, description: "The session as it is now.", body: Session },
    problems: [409],
  },
  disconnectSession: {
    ...endpoints.disconnectSession,
    tag: "Sessions",
    summary: "Stop a session; the phone stays linked",
    caller: "manager",
    scopes: ["sessions"],
    params: ById,
    answer: { status: 202, description: "The session as it is now.", body: Session },
  },
  logoutSession: {
    ...endpoints.logoutSession,
    tag: "Sessions",
    summary: "Unlink the phone: the next connect needs a new QR code",
    caller: "manager",
    scopes: ["sessions"],
    params: ById,
    answer: { status: 202, description: "The session as it is now.", body: Session },
    problems: [409],
  },
  getSessionQr: {
    ...endpoints.getSessionQr,
    tag: "Sessions",
    summary: "The QR code that can be scanned now",
    caller: "manager",
    scopes: ["sessions"],
    params: ById,
    answer: { status: 200, description: "The code; 404 while there is none.", body: SessionQr },
  },
  getSessionPairingCode: {
    ...endpoints.getSessionPairingCode,
    tag: "Sessions",
    summary: "The code that can be typed on the phone now",
    caller: "manager",
    scopes: ["sessions"],
    params: ById,
    answer: { status: 200, description: "The code; 404 while there is none.", body: SessionPairingCode },
  },
  getSessionPacing: {
    ...endpoints.getSessionPacing,
    tag: "Sessions",
    summary: "How fast the session may send, what is used of its budgets and what holds it back",
    caller: "member",
    scopes: ["send", "sessions"],
    params: ById,
    answer: {
      status: 200,
      description: "As it stands now; `session_pacing` events tell changes.",
      body: SessionPacing,
    },
  },
} as const satisfies Record<string, RouteDefinition>;
