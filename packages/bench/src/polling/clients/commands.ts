/** How the clients learn of new data. */
export type Mode = "poll" | "push";

/** One client of the product: a user with an open page. */
export interface ClientIdentity {
  restUrl: string;
  gatewayPort: number;
  origin: string;
  /** Each client has its own address, because the gateway limits connections per address. */
  address: string;
  companyId: string;
  userId: string;
  accessToken: string;
  sessionId: string;
  /** The chat that the page shows. */
  chatId: string;
}

/** Commands to the process of the clients. */
export type ClientsCommand =
  | { kind: "open"; mode: Mode; clients: ClientIdentity[]; overMs: number }
  | { kind: "count" }
  | { kind: "report" };

export interface ClientsReport {
  kind: "report";
  /** From WhatsApp's emit to the client, in milliseconds, one entry per client and message. */
  delaysMs: number[];
  requests: number;
  /** Sent and received, as on the wire. */
  bytes: number;
  /** Requests without an answer, and answers of 500 and above. */
  failures: number;
  resyncs: number;
  notRecovered: number;
}

/** Answers of the process. Each command has exactly one. */
export type ClientsAnswer =
  | { kind: "opened" }
  | { kind: "counted"; received: number }
  | ClientsReport
  | { kind: "failed"; reason: string };
