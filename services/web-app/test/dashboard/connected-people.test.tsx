import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { ConnectedPeople } from "../../src/components/dashboard/connected-people.tsx";
import { at, newId } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, answerWith, me } = preparePage();

test("lists connected people by name, each once, with the number of their connections", async () => {
  const bruno = newId();
  const people = [
    { id: me.userId, name: "Ana", pictureId: null },
    { id: bruno, name: "Bruno Lima", pictureId: null },
  ];
  answerWith(({ path }) => (path.startsWith("/v1/users") ? { body: { items: people, next: null } } : undefined));
  const connection = (userId: string, minute: number) => ({
    id: newId(),
    companyId: me.companyId,
    userId,
    connected: at(minute),
  });
  const connections = [connection(bruno, 2), connection(me.userId, 1), connection(bruno, 0)];
  show(<ConnectedPeople stats={{ totalConnections: 5, connections, next: null }} />);
  await waitFor(() => expect(screen.getByText("Bruno Lima")).toBeTruthy());
  const rows = screen.getAllByTestId("connected-person").map(({ textContent }) => textContent);
  expect(rows).toMatchObject([expect.stringMatching(/Bruno Lima.*2 conexões/), expect.stringContaining("Ana (você)")]);
  expect(rows[1]).not.toContain("conex");
  expect(screen.getByText("e mais 2 conexões")).toBeTruthy();
});
