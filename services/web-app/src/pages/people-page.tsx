import "../i18n/administration-texts.ts";
import type { Team, UserEntry } from "@syszap/contracts";
import { UserPlus, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { InviteForm } from "../components/people/invite-form.tsx";
import { LinkDialog } from "../components/people/link-dialog.tsx";
import { PersonCard } from "../components/people/person-card.tsx";
import { usePeople } from "../components/people/use-people.ts";
import { PageFrame } from "../components/shell/page-frame.tsx";
import { PeopleTabs } from "../components/shell/people-tabs.tsx";
import { useTeams } from "../components/teams/use-teams.ts";
import { Button } from "../components/ui/button.tsx";
import { SearchField } from "../components/ui/search-field.tsx";
import { Empty, QueryList } from "../components/ui/states.tsx";
import { containsText } from "../lib/contains-text.ts";

/** From this number of people on, the list has a search field. */
const searchableCount = 8;

/** The people of the company, for its managers. */
export function PeoplePage() {
  const { t } = useTranslation();
  const query = usePeople();
  const { data: teams = [] } = useTeams();
  const [isInviting, setInviting] = useState(false);
  const [shown, setShown] = useState<{ name: string; link: string }>();
  const [search, setSearch] = useState("");
  const people = query.data;
  const isAlone = people?.length === 1;
  return (
    <PageFrame
      title={t("people:title")}
      subtitle={t("people:subtitle")}
      actions={
        <Button look="primary" data-testid="person-invite" onClick={() => setInviting(true)}>
          <UserPlus className="size-4" /> {t("people:invite")}
        </Button>
      }
    >
      <PeopleTabs />
      {people && people.length >= searchableCount && (
        <div className="mb-4 max-w-md">
          <SearchField label={t("people:search")} onSearch={setSearch} />
        </div>
      )}
      <QueryList
        query={query}
        items={people?.filter((person) => matches(person, search))}
        empty={<Empty icon={<Users />} title={t("people:noMatch")} />}
      >
        {(shownPeople) => (
          <ul className="divide-y divide-line rounded-2xl border border-line bg-surface shadow-card">
            {sorted(shownPeople).map((person) => (
              <PersonCard key={person.id} person={person} teams={teamsOf(person, teams)} />
            ))}
          </ul>
        )}
      </QueryList>
      {isAlone && <Empty icon={<UserPlus />} title={t("people:alone")} text={t("people:aloneText")} />}
      {isInviting && <InviteForm onLink={setShown} onClose={() => setInviting(false)} />}
      {shown && <LinkDialog kind="invitation" {...shown} onClose={() => setShown(undefined)} />}
    </PageFrame>
  );
}

const matches = ({ name, account }: UserEntry, search: string): boolean =>
  containsText(name, search) || (account !== undefined && containsText(account.email, search));

const teamsOf = (person: UserEntry, teams: Team[]): Team[] =>
  teams.filter(({ memberIds }) => memberIds?.includes(person.id));

/** Disabled people at the end; the order is otherwise unchanged. */
const sorted = (people: UserEntry[]): UserEntry[] =>
  people.toSorted((a, b) => Number(a.account?.state === "disabled") - Number(b.account?.state === "disabled"));
