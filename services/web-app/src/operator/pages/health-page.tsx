import type { PlatformHealth } from "@syszap/contracts";
import { useQuery } from "@tanstack/react-query";
import { LayoutDashboard } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { PageFrame } from "../../components/shell/page-frame.tsx";
import { Button } from "../../components/ui/button.tsx";
import { ErrorText, QueryData } from "../../components/ui/states.tsx";
import { useFormats } from "../../i18n/format.ts";
import { api, operatorKeys } from "../operator-api.ts";

const refetchMs = 5_000;

/** The state of the platform, read again every few seconds. */
export function HealthPage() {
  const { t } = useTranslation();
  const [error, setError] = useState<unknown>();
  const query = useQuery({
    queryKey: operatorKeys.health,
    queryFn: ({ signal }) => api.call("getPlatformHealth", undefined, { signal }),
    staleTime: 0,
    refetchInterval: refetchMs,
  });
  const openDashboard = async () => {
    try {
      const { path } = await api.call("openQueueDashboard");
      window.open(path, "_blank", "noopener");
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <PageFrame
      title={t("operator:health.title")}
      subtitle={t("operator:health.subtitle")}
      actions={
        <Button data-testid="open-queues" onClick={() => void openDashboard()}>
          <LayoutDashboard className="size-4" /> {t("operator:queues")}
        </Button>
      }
    >
      <ErrorText error={error} className="mb-4" />
      <QueryData query={query}>{(health) => <Health health={health} />}</QueryData>
    </PageFrame>
  );
}

function Health({ health }: { health: PlatformHealth }) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const { services, sessions, queue, outbound } = health;
  const since = (time: string | null) => (time === null ? undefined : t("operator:health.since", { when: full(time) }));
  const answers = (isUp: boolean) => t(isUp ? "operator:health.up" : "operator:health.down");
  return (
    <div className="grid gap-4 md:grid-cols-2">
      <Card title={t("operator:health.services")}>
        <Row name="Postgres" value={answers(services.postgres)} isBad={!services.postgres} />
        <Row name="Redis" value={answers(services.redis)} isBad={!services.redis} />
        <Row name={t("operator:health.gateways")} value={services.gateways} isBad={services.gateways === 0} />
        <Row name={t("operator:health.connectors")} value={services.connectors} />
        <Row name={t("operator:health.workers")} value={services.workers} isBad={services.workers === 0} />
        <Row name={t("operator:health.connections")} value={health.connections} />
      </Card>
      <Card title={t("operator:health.sessions")}>
        <Row name={t("operator:health.connected")} value={sessions.connected} />
        <Row name={t("operator:health.connecting")} value={sessions.connecting} />
        <Row name={t("operator:health.qr")} value={sessions.qr} />
        <Row name={t("operator:health.disconnected")} value={sessions.disconnected} />
      </Card>
      <Card title={t("operator:health.queue")}>
        <Row name={t("operator:health.waiting")} value={queue.waiting} detail={since(queue.oldestWaitingAt)} />
        <Row name={t("operator:health.active")} value={queue.active} />
        <Row name={t("operator:health.delayed")} value={queue.delayed} />
      </Card>
      <Card title={t("operator:health.sending")}>
        <Row name={t("operator:health.outbound")} value={outbound.waiting} detail={since(outbound.oldestWaitingAt)} />
        <Row name={t("operator:health.unpublished")} value={health.unpublished} />
        <Row name={t("operator:health.deadLetters")} value={health.deadLetters} isBad={health.deadLetters > 0} />
      </Card>
    </div>
  );
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="rounded-2xl border border-line bg-surface p-4 sm:p-5">
      <h2 className="mb-3 font-semibold">{title}</h2>
      <dl className="grid gap-2">{children}</dl>
    </section>
  );
}

interface RowProps {
  name: string;
  value: ReactNode;
  detail?: string | undefined;
  isBad?: boolean;
}

function Row({ name, value, detail, isBad = false }: RowProps) {
  return (
    <div className="flex items-baseline justify-between gap-4">
      <dt className="text-muted">{name}</dt>
      <dd className={`text-right font-semibold ${isBad ? "text-danger" : ""}`}>
        {value}
        {detail && <span className="block font-normal text-muted text-xs">{detail}</span>}
      </dd>
    </div>
  );
}
