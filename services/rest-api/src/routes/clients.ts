import type { ClientDetails } from "@syszap/contracts";
import { type CompanyUnit, type Database, emitIdentityChanges, emitSeparation } from "@syszap/database";
import { auditActorOf } from "../auth/audit-actor.ts";
import type { HandlersOf } from "../endpoint.ts";
import { notFound, ProblemError } from "../problem.ts";

type Endpoints = "listClients" | "getClient" | "mergeClients" | "undoClientMerge" | "splitClient" | "eraseClient";

export const clientRoutes = (database: Database): HandlersOf<Endpoints> => ({
  listClients: ({ query: { search, ...page }, caller }) =>
    database.withPerson(caller, ({ clients }) => clients.list(page, search)),

  getClient: ({ params, caller }) => database.withPerson(caller, (unit) => requireDetails(unit, params.id)),

  mergeClients: ({ params: { id }, body: { clientId }, caller, req }) =>
    database.withPerson(caller, async (unit) => {
      if (clientId === id)
        throw new ProblemError("conflict", "A client cannot be merged into itself. Choose another one.");
      const result = await unit.clientMerges.merge(id, clientId);
      if (!result) throw notFound("client");
      await unit.audit.record(auditActorOf(caller, req), {
        ...{ action: "clients_merged", target: { kind: "client", id } },
        after: { mergedClientId: clientId, mergeId: result.id },
      });
      await emitIdentityChanges(unit, [result.merged]);
      return requireDetails(unit, id);
    }),

  undoClientMerge: ({ params: { id, mergeId }, caller, req }) =>
    database.withPerson(caller, async (unit) => {
      const undone = await unit.clientMerges.undo(id, mergeId);
      if (undone === "absent") throw notFound("merge");
      if (undone === "closed")
        throw new ProblemError("conflict", "This merge can no longer be undone. Split the client instead.");
      if (undone === "newer") throw new ProblemError("conflict", "Undo the newer merge of this client first.");
      await unit.audit.record(auditActorOf(caller, req), {
        ...{ action: "client_merge_undone", target: { kind: "client", id } },
        after: { restoredClientId: undone.gone, mergeId },
      });
      await emitSeparation(unit, [undone.kept, undone.gone], undone.chats);
      return requireDetails(unit, id);
    }),

  splitClient: ({ params: { id }, body: { addressIds, from, name }, caller, req }) =>
    database.withPerson(caller, async (unit) => {
      const request = { addressIds, from: from === undefined ? null : new Date(from), name: name ?? null };
      const split = await unit.clientSplits.split(id, request);
      if (split === "absent") throw notFound("client");
      if (split === "unknown_address")
        throw new ProblemError("conflict", "The client does not have one of these addresses. Read the client again.");
      if (split === "nothing_left")
        throw new ProblemError(
          "conflict",
          "All addresses were chosen, so nothing would be left. Leave one out, or give the time from which messages move.",
        );
      await unit.audit.record(auditActorOf(caller, req), {
        ...{ action: "client_split", target: { kind: "client", id } },
        after: { newClientId: split.id },
      });
      await emitSeparation(unit, [id, split.id], split.chats);
      return requireDetails(unit, split.id);
    }),

  eraseClient: ({ params: { id }, body: { name }, caller, req }) =>
    database.withPerson(caller, async (unit) => {
      const client = await unit.clients.find(id);
      if (!client) throw notFound("client");
      if (client.name !== name)
        throw new ProblemError("invalid", "Type the name of the client exactly as it is shown.", {
          errors: [{ path: "name", message: "differs from the client's name" }],
        });
      await unit.clientErasures.begin(id);
      await unit.audit.record(auditActorOf(caller, req), {
        ...{ action: "client_erasure_requested", target: { kind: "client", id } },
      });
      return undefined;
    }),
});

async function requireDetails(
  { clients, clientAddresses, clientMerges }: CompanyUnit,
  id: string,
): Promise<ClientDetails> {
  const client = await clients.find(id);
  if (!client) throw notFound("client");
  return { ...client, addresses: await clientAddresses.list(id), merges: await clientMerges.listOpen(id) };
}
