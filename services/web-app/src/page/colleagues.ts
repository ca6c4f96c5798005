import type { UserEntry } from "@syszap/contracts";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { shortName } from "../lib/short-name.ts";
import { peopleQuery } from "./queries.ts";

/** A person who is missing may be new, so the people are read again, but not more often than this. */
const rereadAfterMs = 10_000;
const nobody: UserEntry[] = [];

/** Names the people of the company. `ids`: people who must be known; they are read again if one is missing. */
export function useColleagues(ids: readonly string[] = []) {
  const { data: people = nobody, dataUpdatedAt, refetch } = useQuery({ ...peopleQuery, staleTime: 5 * 60_000 });
  const isOneMissing = dataUpdatedAt > 0 && ids.some((id) => !people.some((person) => person.id === id));
  useEffect(() => {
    if (isOneMissing && Date.now() - dataUpdatedAt > rereadAfterMs) void refetch();
  }, [isOneMissing, dataUpdatedAt, refetch]);
  return useMemo(() => new Colleagues(people), [people]);
}

class Colleagues {
  private readonly byId: ReadonlyMap<string, UserEntry>;
  private readonly names: readonly string[];

  constructor(people: readonly UserEntry[]) {
    this.byId = new Map(people.map((person) => [person.id, person]));
    this.names = people.map(({ name }) => name);
  }

  find(id: string): UserEntry | undefined {
    return this.byId.get(id);
  }

  /** `name` is used for a person who is not known here. */
  shortNameOf(id: string, name?: string): string | undefined {
    const known = this.find(id)?.name ?? name;
    return known === undefined ? undefined : shortName(known, this.names);
  }
}
