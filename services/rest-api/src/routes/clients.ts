import type { Database } from "@syszap/database";
import type { HandlersOf } from "../endpoint.ts";
import { notFound } from "../problem.ts";

export const clientRoutes = (database: Database): HandlersOf<"listClients" | "getClient"> => ({
  listClients: ({ query: { search, ...page }, caller }) =>
    database.withPerson(caller, ({ clients }) => clients.list(page, search)),

  getClient: async ({ params, caller }) => {
    const client = await database.withPerson(caller, ({ clients }) => clients.find(params.id));
    if (!client) throw notFound("client");
    return client;
  },
});
