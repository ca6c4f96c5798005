import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { queryKeys } from "../../live/query-client.ts";
import { api } from "../../page/api.ts";

const queryKey = queryKeys.teams;

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
const changesIn = ({ before, after }: Difference) => ({
  add: after.filter((id) => !before.includes(id)),
  remove: before.filter((id) => !after.includes(id)),
});

/** Changes the members of a team. Only the difference is sent, so a colleague's change at the same time stays. */
export async function changeMembers(teamId: string, members: Difference): Promise<void> {
  await api.call("changeTeamMembers", { params: { id: teamId }, body: changesIn(members) });
}

/** Adds a person to teams and removes the person from others. */
export async function joinTeams(userId: string, teams: Difference): Promise<void> {
  const { add, remove } = changesIn(teams);
  for (const id of add) await api.call("changeTeamMembers", { params: { id }, body: { add: [userId] } });
  for (const id of remove) await api.call("changeTeamMembers", { params: { id }, body: { remove: [userId] } });
}

/** Changes which sessions a team serves. `openToAll`: the sessions that the page shows as served by everybody afterwards. */
export async function serveSessions(
  teamId: string,
  { openToAll, ...sessions }: Difference & { openToAll: readonly string[] },
): Promise<void> {
  const { add, remove } = changesIn(sessions);
  for (const id of add) await api.call("changeSessionTeams", { params: { id }, body: { add: [teamId] } });
  for (const id of remove) {
    const body = { remove: [teamId], mayServeAll: openToAll.includes(id) };
    await api.call("changeSessionTeams", { params: { id }, body });
  }
}
