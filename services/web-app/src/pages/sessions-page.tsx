import { Plus, Smartphone } from "lucide-react";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { CreateSession } from "../components/sessions/create-session.tsx";
import { QrModal } from "../components/sessions/qr-modal.tsx";
import { SessionCard } from "../components/sessions/session-card.tsx";
import { PageFrame } from "../components/shell/page-frame.tsx";
import { Button } from "../components/ui/button.tsx";
import { Empty, QueryList } from "../components/ui/states.tsx";
import { mayManageSessions, useMe } from "../page/me.ts";
import { useSessions } from "../page/queries.ts";

export function SessionsPage() {
  const { t } = useTranslation();
  const mayManage = mayManageSessions(useMe());
  const query = useSessions();
  const [connectingId, setConnectingId] = useState<string>();
  const [isCreating, setCreating] = useState(false);
  const connecting = query.data?.find((session) => session.id === connectingId);
  const closeQr = useCallback(() => setConnectingId(undefined), []);
  const createButton = mayManage && (
    <Button look="primary" data-testid="session-create" onClick={() => setCreating(true)}>
      <Plus className="size-4" />
      {t("sessions:new")}
    </Button>
  );
  return (
    <PageFrame
      title={t("sessions:title")}
      subtitle={t(mayManage ? "sessions:subtitle" : "sessions:managersOnly")}
      actions={createButton}
    >
      <QueryList
        query={query}
        items={query.data}
        empty={<Empty icon={<Smartphone />} title={t("sessions:empty")} text={t("sessions:emptyText")} />}
      >
        {(sessions) => (
          <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,21rem),1fr))] gap-4">
            {sessions.map((session) => (
              <SessionCard
                key={session.id}
                session={session}
                mayManage={mayManage}
                onConnect={() => setConnectingId(session.id)}
              />
            ))}
          </ul>
        )}
      </QueryList>
      {connecting && <QrModal key={connecting.id} session={connecting} onClose={closeQr} />}
      {isCreating && <CreateSession onClose={() => setCreating(false)} />}
    </PageFrame>
  );
}
