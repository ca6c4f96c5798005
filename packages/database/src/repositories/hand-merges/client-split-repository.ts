import { v7 } from "uuid";
import type { Scope } from "../../sql/query.ts";
import { lockClientRows, refreshOtherNames } from "../clients/identities.ts";
import { correctAddresses, moveMessages } from "./move-messages.ts";

export interface SplitRequest {
  /** Ids of addresses, from `ClientAddressRepository`. */
  addressIds: readonly string[];
  /** Only messages from this time on move, also those of which no address is stored. Null: all messages from the addresses. */
  from: Date | null;
  name: string | null;
}
export interface Split {
  /** The new client. */
  id: string;
  /** Ids of the chats of both that changed. */
  chats: string[];
}

/** Splits of clients by hand (decision 065). */
export class ClientSplitRepository {
  constructor(private readonly scope: Scope) {}

  /**
   * Moves addresses and their messages to a new client. No evidence merges the two again. `unknown_address`: an address is not one of
   * the client's current ones. `nothing_left`: the client would keep neither an address nor earlier messages.
   */
  async split(clientId: string, request: SplitRequest): Promise<Split | "absent" | "unknown_address" | "nothing_left"> {
    const { scope } = this;
    const [row] = await lockClientRows<{ merged_into: string | null; registered_at: Date | null }>(scope, [clientId]);
    if (!row || row.merged_into !== null || row.registered_at === null) return "absent";
    const own = await scope.rows<{ id: string; kind: string; value: string; address: string }>(
      `select md5(i.kind || ':' || coalesce(e.value, i.value)) as id, i.kind, i.value, i.kind || ':' || i.value as address
       from client_identities i left join client_evidence e on e.company_id = i.company_id and e.client_id = i.client_id
         and e.kind = i.kind and i.value in (e.value, e.reported)
       where i.company_id = :companyId and i.client_id = :clientId`,
      { clientId },
    );
    const chosen = own.filter(({ id }) => request.addressIds.includes(id));
    if (request.addressIds.some((id) => !own.some((each) => each.id === id))) return "unknown_address";
    if (chosen.length === own.length && request.from === null) return "nothing_left";
    const id = v7();
    const addresses = chosen.map(({ address }) => address);
    await scope.row(
      `insert into clients (company_id, id, whatsapp_number, name, registered_at) values (:companyId, :id, '', :name, now())`,
      { id, name: request.name },
    );
    await this.moveAddresses(clientId, id, addresses);
    await scope.row(
      `insert into client_separations (company_id, one, other)
       values (:companyId, least(:clientId::uuid, :id::uuid), greatest(:clientId::uuid, :id::uuid))`,
      { clientId, id },
    );
    await scope.row(
      "update client_merges set closed_at = clock_timestamp() where company_id = :companyId and kept = :clientId and closed_at is null",
      { clientId },
    );
    const move = { from: clientId, to: id, addresses, ...(request.from && { writtenSince: request.from }) };
    const chats = await moveMessages(scope, move);
    for (const each of [clientId, id]) {
      await correctAddresses(scope, each);
      await scope.row(touched, { id: each });
    }
    refreshOtherNames(scope, [clientId, id]);
    return { id, chats };
  }

  /** The evidence of the addresses moves with them. */
  private async moveAddresses(from: string, to: string, addresses: readonly string[]): Promise<void> {
    const bindings = { from, to, addresses: [...addresses] };
    const moved = "company_id = :companyId and client_id = :from and kind || ':' || value = any(:addresses::text[])";
    await this.scope.row(`update client_identities set client_id = :to where ${moved}`, bindings);
    await this.scope.row(`update client_evidence set client_id = :to where ${moved}`, bindings);
  }
}

const touched = `
  update clients c set version = c.version + 1, updated_at = now(), last_contact_at = coalesce((
    select max(m.occurred_at) from chats ch join messages m on m.company_id = ch.company_id and m.id = ch.last_message_id
    where ch.company_id = :companyId and ch.client_id = :id and ch.merged_into is null), c.last_contact_at)
  where c.company_id = :companyId and c.id = :id`;
