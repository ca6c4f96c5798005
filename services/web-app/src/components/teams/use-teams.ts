import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../page/api.ts";

const queryKey = ["teams"];

const readTeams = async (signal?: AbortSignal) => (await api.call("listTeams", {}, { signal })).items;

/** The company's teams by name. No event reports changes, so each visit reads them again. */
export const useTeams = () => useQuery({ queryKey, queryFn: ({ signal }) => readTeams(signal), staleTime: 0 });

/** Changes teams, then reads them again. */
export function useTeamMutation<Input = void, Answer = unknown>(run: (input: Input) => Promise<Answer>) {
  const cache = useQueryClient();
  return useMutation({ mutationFn: run, onSettled: () => cache.invalidateQueries({ queryKey }) });
}

interface Difference {
  before: readonly string[];
  after: readonly string[];
}

/** Adds a person to teams and removes the person from others. Members are replaced as a whole, so they are read just before. */
export async function joinTeams(userId: string, { before, after }: Difference): Promise<void> {
  const joined = new Set(after.filter((id) => !before.includes(id)));
  const left = new Set(before.filter((id) => !after.includes(id)));
  if (joined.size + left.size === 0) return;
  for (const { id, memberIds = [] } of await readTeams()) {
    if (!joined.has(id) && !left.has(id)) continue;
    const others = memberIds.filter((each) => each !== userId);
    const body = { memberIds: joined.has(id) ? [...others, userId] : others };
    await api.call("setTeamMembers", { params: { id }, body });
  }
}

/** Changes which sessions a team serves. The teams of a session are replaced as a whole, so they are read just before. */
export async function serveSessions(teamId: string, { before, after }: Difference): Promise<void> {
  const changed = [...before, ...after].filter((id) => before.includes(id) !== after.includes(id));
  if (changed.length === 0) return;
  const teams = await readTeams();
  for (const id of changed) {
    const others = teams.filter((team) => team.id !== teamId && team.sessionIds?.includes(id)).map((team) => team.id);
    const body = { teamIds: after.includes(id) ? [...others, teamId] : others };
    await api.call("setSessionTeams", { params: { id }, body });
  }
}
