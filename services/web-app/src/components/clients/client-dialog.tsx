import type { Client, ClientDetails, OpenMerge } from "@syszap/contracts";
import { Eraser, Merge, Split, Undo2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { clientName } from "../../i18n/client-name.ts";
import { describeError } from "../../i18n/errors.ts";
import { useFormats } from "../../i18n/format.ts";
import { useNumberFormat } from "../../i18n/phone-numbers.ts";
import { api } from "../../page/api.ts";
import { mayManageSessions, useMe } from "../../page/me.ts";
import { Button } from "../ui/button.tsx";
import { Modal } from "../ui/modal.tsx";
import { Waiting } from "../ui/states.tsx";
import { EraseForm } from "./erase-form.tsx";
import { MergeForm } from "./merge-form.tsx";
import { SplitForm } from "./split-form.tsx";
import { useClientDetails, useClientMutation } from "./use-client.ts";

interface ClientDialogProps {
  client: Client;
  onClose: () => void;
}

/** The numbers of a client over time. Owners and admins merge and split clients here. */
export function ClientDialog({ client, onClose }: ClientDialogProps) {
  const { t } = useTranslation();
  const query = useClientDetails(client.id);
  const { data } = query;
  const [form, setForm] = useState<"merge" | "split" | "erase">();
  const mayManage = mayManageSessions(useMe());
  const backToDetails = () => setForm(undefined);
  if (data && form === "merge") return <MergeForm client={data} onClose={backToDetails} />;
  if (data && form === "split") return <SplitForm client={data} onClose={backToDetails} />;
  if (data && form === "erase") return <EraseForm client={data} onErased={onClose} onClose={backToDetails} />;
  const isSplittable = (data?.addresses.filter(({ isCurrent }) => isCurrent).length ?? 0) > 0;
  return (
    <Modal title={clientName(t, client.name)} onClose={onClose} testId="client-dialog">
      {!data && <Waiting query={query} />}
      {data && (
        <div className="grid gap-5">
          {data.username && (
            <p data-testid="client-username" className="text-muted text-sm">
              @{data.username}
            </p>
          )}
          <Addresses client={data} />
          {mayManage && data.merges.length > 0 && <OpenMerges client={data} />}
          {mayManage && (
            <div className="flex flex-wrap gap-2">
              <Button data-testid="client-merge" onClick={() => setForm("merge")}>
                <Merge className="size-4" /> {t("clients:merge.open")}
              </Button>
              {isSplittable && (
                <Button data-testid="client-split" onClick={() => setForm("split")}>
                  <Split className="size-4" /> {t("clients:split.open")}
                </Button>
              )}
              <Button data-testid="client-erase" look="danger" onClick={() => setForm("erase")}>
                <Eraser className="size-4" /> {t("clients:erase.open")}
              </Button>
            </div>
          )}
        </div>
      )}
    </Modal>
  );
}

function Addresses({ client }: { client: ClientDetails }) {
  const { t } = useTranslation();
  const formatNumber = useNumberFormat();
  const { full } = useFormats();
  return (
    <section className="grid gap-2">
      <h3 className="font-medium text-sm">{t("clients:numbers")}</h3>
      {client.addresses.length === 0 && <p className="text-muted text-sm">{t("clients:noNumbers")}</p>}
      <ul className="grid gap-2">
        {client.addresses.map(({ id, number, isCurrent, firstSeenAt, lastSeenAt }) => (
          <li key={id} data-testid="client-address" className="rounded-lg bg-sunken px-3 py-2 text-sm">
            <p className="tabular-nums">
              {formatNumber(number)}
              {!isCurrent && <span className="text-muted"> · {t("clients:formerNumber")}</span>}
            </p>
            {firstSeenAt && lastSeenAt && (
              <p className="text-muted text-xs">
                {t("clients:seen", { first: full(firstSeenAt), last: full(lastSeenAt) })}
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function OpenMerges({ client }: { client: ClientDetails }) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const undo = useClientMutation(client.id, ({ id: mergeId }: OpenMerge) =>
    api.call("undoClientMerge", { params: { id: client.id, mergeId } }),
  );
  const callbacks = {
    onSuccess: () => toast.success(t("clients:merge.undone")),
    onError: (error: unknown) => toast.error(describeError(error, t)),
  };
  return (
    <section className="grid gap-2">
      <h3 className="font-medium text-sm">{t("clients:merge.recent")}</h3>
      {client.merges.map((merge) => (
        <div key={merge.id} className="flex items-center justify-between gap-3 rounded-lg bg-sunken px-3 py-2 text-sm">
          <span className="min-w-0">
            <span dir="auto" className="block truncate">
              {clientName(t, merge.name)}
            </span>
            <span className="text-muted text-xs">{t("clients:merge.until", { time: full(merge.undoUntil) })}</span>
          </span>
          <Button data-testid="client-undo" disabled={undo.isPending} onClick={() => undo.mutate(merge, callbacks)}>
            <Undo2 className="size-4" /> {t("clients:merge.undo")}
          </Button>
        </div>
      ))}
    </section>
  );
}
