import "../i18n/administration-texts.ts";
import { Plus, UsersRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePeople } from "../components/people/use-people.ts";
import { RetentionSetting } from "../components/retention/retention-setting.tsx";
import { PageFrame } from "../components/shell/page-frame.tsx";
import { PeopleTabs } from "../components/shell/people-tabs.tsx";
import { ReachSetting } from "../components/teams/reach-setting.tsx";
import { TeamCard } from "../components/teams/team-card.tsx";
import { TeamNameForm } from "../components/teams/team-name-form.tsx";
import { useTeams } from "../components/teams/use-teams.ts";
import { Button } from "../components/ui/button.tsx";
import { Empty, QueryList } from "../components/ui/states.tsx";
import { useSessions } from "../page/queries.ts";

/** The company's teams and what agents see, for managers. */
export function TeamsPage() {
  const { t } = useTranslation();
  const query = useTeams();
  const { data: people = [] } = usePeople();
  const { data: sessions = [] } = useSessions();
  const [isCreating, setCreating] = useState(false);
  return (
    <PageFrame
      title={t("teams:title")}
      subtitle={t("teams:subtitle")}
      actions={
        <Button look="primary" data-testid="team-new" onClick={() => setCreating(true)}>
          <Plus className="size-4" /> {t("teams:new")}
        </Button>
      }
    >
      <PeopleTabs />
      <div className="mb-6 grid gap-4">
        <ReachSetting hasTeams={query.data?.length !== 0} />
        <RetentionSetting />
      </div>
      <QueryList
        query={query}
        items={query.data}
        empty={<Empty icon={<UsersRound />} title={t("teams:empty")} text={t("teams:emptyText")} />}
      >
        {(teams) => (
          <ul className="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-[repeat(2,minmax(0,1fr))]">
            {teams.map((team) => (
              <TeamCard key={team.id} team={team} teams={teams} people={people} sessions={sessions} />
            ))}
          </ul>
        )}
      </QueryList>
      {isCreating && <TeamNameForm team={undefined} onClose={() => setCreating(false)} />}
    </PageFrame>
  );
}
