import { fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { CreateSession } from "../../src/components/sessions/create-session.tsx";
import { aSession, preparePage } from "../support/page.tsx";

const { show, called, answerWith } = preparePage();

async function createWith(engine: string): Promise<unknown> {
  answerWith(({ method, path }) =>
    method === "POST" && path === "/v1/sessions" ? { status: 201, body: aSession() } : undefined,
  );
  show(<CreateSession onClose={() => undefined} />);
  fireEvent.change(screen.getByTestId("session-name"), { target: { value: " Loja " } });
  fireEvent.change(screen.getByTestId("session-engine"), { target: { value: engine } });
  fireEvent.click(screen.getByTestId("session-create-submit"));
  return (await called("/v1/sessions")).body;
}

test("creates a session with the chosen engine", async () => {
  expect(await createWith("wppconnect")).toEqual({ name: "Loja", engine: "wppconnect" });
});

test("leaves the engine to the server if none is chosen", async () => {
  expect(await createWith("")).toEqual({ name: "Loja" });
});
