import { type Audience, wholeCompany } from "./audience.ts";
import { maxReachTeams, maxReachUsers } from "./constants/index.ts";
import type { AgentReach } from "./vocabulary.ts";

/** The properties of a chat that decide about its reach, together with its session and the company's settings. */
export interface ReachedChat {
  /** The user to whom the chat is assigned. Absent: nobody. */
  assigneeId?: string | undefined;
}
/** The teams that serve a session. None: every user serves it. */
export interface ServedSession {
  teamIds: readonly string[];
}
export interface ReachSettings {
  agentsSee: AgentReach;
}

/**
 * The users who see a chat, its messages and its files. Nothing else decides this: events have this audience, and the REST API finds
 * a chat for the same users. Owners and admins see every chat.
 */
export function reachOf(chat: ReachedChat, session: ServedSession, settings: ReachSettings): Audience {
  if (settings.agentsSee === "all") return wholeCompany;
  const { assigneeId } = chat;
  if (settings.agentsSee === "own" && assigneeId !== undefined) return reach([], [assigneeId]);
  if (session.teamIds.length === 0) return wholeCompany;
  return reach(session.teamIds, assigneeId === undefined ? [] : [assigneeId]);
}

/**
 * The users who are in at least one of the audiences; owners and admins only, if there is none. Names the first `maxReachTeams` teams
 * and `maxReachUsers` users, if there are more.
 */
export function unionOf(reaches: readonly Audience[]): Audience {
  const teams = new Set<string>();
  const users = new Set<string>();
  for (const audience of reaches) {
    if (audience.kind !== "reach") return wholeCompany;
    for (const team of audience.teams) teams.add(team);
    for (const user of audience.users) users.add(user);
  }
  return reach([...teams].sort().slice(0, maxReachTeams), [...users].sort().slice(0, maxReachUsers));
}

const reach = (teams: readonly string[], users: readonly string[]): Audience => ({
  kind: "reach",
  teams: [...teams].sort(),
  users: [...users].sort(),
});
