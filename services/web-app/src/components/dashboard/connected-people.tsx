import type { RealtimeStats } from "@syszap/contracts";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format.ts";
import { useColleagues } from "../../page/colleagues.ts";
import { useMe } from "../../page/me.ts";
import { PersonAvatar } from "../ui/person-avatar.tsx";

const maxListed = 12;

interface Connected {
  userId: string;
  connections: number;
  since: string;
}

/** The people with open connections, the longest connected first. */
export function ConnectedPeople({ stats }: { stats: RealtimeStats }) {
  const { t } = useTranslation();
  const people = byPerson(stats.connections);
  const colleagues = useColleagues(people.map(({ userId }) => userId));
  const listed = people.slice(0, maxListed);
  const rest = stats.totalConnections - listed.reduce((sum, { connections }) => sum + connections, 0);
  return (
    <>
      <ul className="divide-y divide-line">
        {listed.map((connected) => {
          const { id, name, pictureId } = colleagues.find(connected.userId) ?? unknownPerson(connected.userId);
          return (
            <li key={id} data-testid="connected-person" className="flex items-center gap-3 py-2">
              <PersonAvatar person={{ id, name, pictureId }} className="size-9 text-xs" />
              <PersonText connected={connected} name={name} />
            </li>
          );
        })}
      </ul>
      {rest > 0 && <p className="pt-2 text-muted text-sm">{t("dashboard:more", { count: rest })}</p>}
    </>
  );
}

function PersonText({ connected: { userId, connections, since }, name }: { connected: Connected; name: string }) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const me = useMe();
  return (
    <span className="min-w-0 flex-1">
      <span dir="auto" className="block truncate">
        {userId === me.userId ? `${name} (${t("dashboard:you")})` : name}
      </span>
      <span className="block text-muted text-xs tabular-nums">
        {[
          t("dashboard:since", { time: full(since) }),
          connections > 1 && t("dashboard:devices", { count: connections }),
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
    </span>
  );
}

/** A person whose name is not read yet. */
const unknownPerson = (id: string) => ({ id, name: id.slice(0, 8), pictureId: null });

function byPerson(connections: RealtimeStats["connections"]): Connected[] {
  const people = new Map<string, Connected>();
  for (const { userId, connected } of connections) {
    const known = people.get(userId);
    const since = known && known.since < connected ? known.since : connected;
    people.set(userId, { userId, connections: (known?.connections ?? 0) + 1, since });
  }
  return [...people.values()].sort((a, b) => a.since.localeCompare(b.since));
}
