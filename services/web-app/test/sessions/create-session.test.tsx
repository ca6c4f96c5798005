// @vitest-environment happy-dom
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

test("a session is created with the engine that was chosen", async () => {
  expect(await createWith("wppconnect")).toEqual({ name: "Loja", engine: "wppconnect" });
});

test("without a choice the server decides about the engine", async () => {
  expect(await createWith("")).toEqual({ name: "Loja" });
});
