import {
  type Audience,
  type ReachSettings,
  reachOf,
  type ServedSession,
  unionOf,
  wholeCompany,
} from "@syszap/contracts";
import type { PreparedStatements } from "../sql/prepared-statements.ts";

interface FactsRow {
  agents_see: ReachSettings["agentsSee"];
  /** Only sessions that teams serve. */
  teams: Record<string, string[]> | null;
}
interface Facts {
  settings: ReachSettings;
  teams: ReadonlyMap<string, readonly string[]>;
}
/** Determines the audience of an event: the session of a chat, or clients, whose chats have sessions. */
export type Subject = { sessionId: string } | { clientIds: readonly string[] };

/**
 * Computes who sees the chats of a company. Transactions that emit events hold the shared lock `lockReach`, so the teams of sessions
 * stay as they are until the commit.
 */
export class CompanyReach {
  private facts: Promise<Facts> | undefined;

  constructor(private readonly prepared: PreparedStatements) {}

  /** Sends the query for the facts without waiting for it. */
  prefetch(): void {
    this.read().catch(() => undefined); // the caller that awaits the facts receives the error
  }

  /** The users who see the chats of a session. */
  async ofSession(sessionId: string): Promise<Audience> {
    return audienceOf(await this.read(), sessionId);
  }

  /**
   * The audience of each subject, in their order. A client is seen by all users who see one of its chats. Ends the limits of the
   * person for whom the transaction acts, so call it last.
   */
  async audiencesOf(subjects: readonly Subject[]): Promise<Audience[]> {
    const facts = await this.read();
    if (facts.teams.size === 0) return subjects.map(() => wholeCompany);
    const clientIds = [...new Set(subjects.flatMap((subject) => ("clientIds" in subject ? subject.clientIds : [])))];
    const sessions = clientIds.length === 0 ? new Map<string, string[]>() : await this.sessionsOf(clientIds);
    return subjects.map((subject) => {
      if ("sessionId" in subject) return audienceOf(facts, subject.sessionId);
      const ofClients = new Set(subject.clientIds.flatMap((id) => sessions.get(id) ?? []));
      return unionOf([...ofClients].map((sessionId) => audienceOf(facts, sessionId)));
    });
  }

  private read(): Promise<Facts> {
    this.facts ??= this.prepared.rows<FactsRow>(readFacts).then(([row]) => ({
      settings: { agentsSee: row?.agents_see ?? "team" },
      teams: new Map(Object.entries(row?.teams ?? {})),
    }));
    return this.facts;
  }

  private async sessionsOf(clientIds: readonly string[]): Promise<Map<string, string[]>> {
    this.prepared.send("select set_config('app.sessions', '', true)");
    const rows = await this.prepared.rows<{ client_id: string; sessions: string[] }>(
      `select client_id, array_agg(distinct session_id)::text[] as sessions from chats
       where company_id = :companyId and client_id = any(:clientIds::uuid[]) group by client_id`,
      { clientIds },
    );
    return new Map(rows.map(({ client_id, sessions }) => [client_id, sessions]));
  }
}

const readFacts = `
  select c.agents_see, (
    select json_object_agg(session_id, teams) from (
      select session_id, json_agg(team_id) as teams from session_teams where company_id = :companyId group by session_id
    ) served) as teams
  from companies c where c.id = :companyId`;

const audienceOf = ({ settings, teams }: Facts, sessionId: string): Audience => {
  const session: ServedSession = { teamIds: teams.get(sessionId) ?? [] };
  return reachOf({}, session, settings);
};
