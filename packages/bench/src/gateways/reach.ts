import type { Audience } from "@syszap/contracts";

/** Teams of a company with some of its users each, and one team with all of them. */
const partialTeams = 5;

/** Differs from the company's id in the last digit. */
const teamId = (companyId: string, team: number) => companyId.slice(0, -1) + team.toString(16);

export const teamsOfMember = (companyId: string, number: number): string[] => [
  teamId(companyId, number % partialTeams),
  teamId(companyId, partialTeams),
];

/**
 * Audiences by teams, in turn. Each includes every user of the company, so that the deliveries are those of events for the whole
 * company, and the difference in cost is that of the audience.
 */
export function reachOfEvent(companyId: string, number: number): Audience {
  const teams =
    number % 2 === 0
      ? [teamId(companyId, partialTeams)]
      : Array.from({ length: partialTeams }, (_, team) => teamId(companyId, team));
  return { kind: "reach", teams, users: [] };
}
