import type { Client } from "@syszap/contracts";
import { ContactRound, Info } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ClientDialog } from "../components/clients/client-dialog.tsx";
import { PageFrame } from "../components/shell/page-frame.tsx";
import { Avatar } from "../components/ui/avatar.tsx";
import { Button, IconButton } from "../components/ui/button.tsx";
import { SearchField } from "../components/ui/search-field.tsx";
import { Empty, QueryList } from "../components/ui/states.tsx";
import { clientName } from "../i18n/client-name.ts";
import { useFormats } from "../i18n/format.ts";
import { useNumberFormat } from "../i18n/phone-numbers.ts";
import { useChats, useClients } from "../page/queries.ts";

export function ClientsPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const { query, items, hasMore, loadMore, isLoadingMore } = useClients(search);
  const chatIds = new Map(useChats("").items?.flatMap(({ id, client }) => (client ? [[client.id, id] as const] : [])));
  return (
    <PageFrame title={t("clients:title")} subtitle={t("clients:subtitle")}>
      <div className="mb-4 max-w-md">
        <SearchField label={t("clients:search")} onSearch={setSearch} />
      </div>
      <QueryList
        query={query}
        items={items}
        empty={<Empty icon={<ContactRound />} title={t(search ? "clients:noMatch" : "clients:empty")} />}
      >
        {(clients) => (
          <div className="overflow-hidden rounded-2xl border border-line bg-surface shadow-card">
            <table className="w-full table-fixed text-left">
              <thead className="border-line border-b text-muted text-xs uppercase tracking-wide max-sm:sr-only">
                <tr>
                  <th className="px-5 py-3 font-medium">{t("clients:name")}</th>
                  <th className="w-52 px-5 py-3 font-medium">{t("clients:number")}</th>
                  <th className="w-48 px-5 py-3 font-medium">{t("clients:lastContact")}</th>
                </tr>
              </thead>
              <tbody className="divide-y divide-line">
                {clients.map((client) => (
                  <ClientRow key={client.id} client={client} chatId={chatIds.get(client.id)} />
                ))}
              </tbody>
            </table>
            {hasMore && (
              <div className="grid place-items-center border-line border-t p-3">
                <Button look="plain" disabled={isLoadingMore} onClick={() => void loadMore().catch(() => undefined)}>
                  {t("common:loadMore")}
                </Button>
              </div>
            )}
          </div>
        )}
      </QueryList>
    </PageFrame>
  );
}

function ClientRow({ client, chatId }: { client: Client; chatId: string | undefined }) {
  const { t } = useTranslation();
  const formatNumber = useNumberFormat();
  const { full, short } = useFormats();
  const number = formatNumber(client.whatsappNumber);
  const name = clientName(t, client.name);
  const [isOpen, setOpen] = useState(false);
  const lastContact = client.lastContactAt && (
    <time dateTime={client.lastContactAt} title={full(client.lastContactAt)}>
      {short(client.lastContactAt)}
    </time>
  );
  return (
    <tr data-testid="client-row" data-client-id={client.id} className="transition-colors hover:bg-hover">
      <td className="px-4 py-3 sm:px-5">
        <div className="flex items-center gap-3">
          <Avatar name={client.name} pictureUrl={client.profilePictureUrl} className="size-10 text-sm" />
          <div className="min-w-0 flex-1">
            <p dir="auto" data-testid="client-name" className="truncate font-medium">
              {chatId ? (
                <Link
                  to={`/messages/${chatId}`}
                  title={t("clients:openChat", { name })}
                  className="hover:text-accent hover:underline"
                >
                  {name}
                </Link>
              ) : (
                name
              )}
            </p>
            <p className="truncate text-muted text-sm sm:hidden">
              {number}
              {lastContact && <> · {lastContact}</>}
            </p>
          </div>
          <IconButton label={t("clients:details", { name })} data-testid="client-details" onClick={() => setOpen(true)}>
            <Info className="size-4" />
          </IconButton>
          {isOpen && <ClientDialog client={client} onClose={() => setOpen(false)} />}
        </div>
      </td>
      <td className="px-5 py-3 text-muted tabular-nums max-sm:hidden">{number}</td>
      <td className="px-5 py-3 text-muted max-sm:hidden">{lastContact ?? t("clients:never")}</td>
    </tr>
  );
}
