import { connectDatabase } from "@syszap/database";
import { databaseTest } from "@syszap/testing";
import { expect } from "vitest";
import { seedDemo } from "../src/system/demo.ts";

databaseTest(
  "the demo company has conversations that several people and the phone answered, once",
  async ({ database }) => {
    const options = { engine: "simulator", hasTraffic: true } as const;
    await seedDemo(database, options);
    await seedDemo(database, options);

    const db = connectDatabase({ ...database, publish: async () => undefined });
    const [company, ...others] = await db.system.companies.list();
    const { sessions, chats, messages } = await db.withCompany(company?.id ?? "", async (unit) => {
      const { items } = await unit.chats.list({ limit: 50 });
      const pages = await Promise.all(items.map(({ id }) => unit.messages.listBefore(id, { limit: 50 })));
      return { sessions: await unit.sessions.list(), chats: items, messages: pages.flatMap((page) => page.items) };
    });
    const teams = await db.withCompany(company?.id ?? "", (unit) => unit.teams.list());
    const carla = await db.system.logins.findByEmail("carla@demo.syszap.dev");
    const asCarla = { companyId: company?.id ?? "", userId: carla?.userId ?? "" };
    const reached = await db.withPerson(asCarla, (unit) => unit.chats.list({ limit: 50 }));
    await db.close();

    expect(teams.map(({ name, memberIds }) => [name, memberIds.length])).toEqual([
      ["Balcão", 2],
      ["Entregas", 1],
    ]);
    expect(new Set(reached.items.map(({ sessionId }) => sessionId))).toEqual(new Set([sessions[1]?.id]));
    expect(others).toEqual([]);
    expect(sessions.map(({ name }) => name)).toEqual(["Loja 1", "Loja 2", "Loja 3"]);
    const inUse = sessions.filter(({ id }) => chats.some(({ sessionId }) => sessionId === id));
    expect(inUse.map(({ name }) => name)).toEqual(["Loja 1", "Loja 2"]);
    const sent = messages.filter(({ direction }) => direction === 1);
    const authors = new Set(sent.map(({ author }) => author?.name ?? "the phone"));
    expect(authors).toEqual(new Set(["Ana Souza", "Bruno Lima", "Carla Nunes", "the phone"]));
    expect(sent.filter(({ author, status }) => author && status !== "queued")).toEqual([]);
    expect(chats.filter(({ unreadCount }) => unreadCount > 0)).toHaveLength(1);
  },
);
