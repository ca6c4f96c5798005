import type { DeadLetter } from "@syszap/contracts";
import { fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { FailuresPage } from "../../src/pages/failures-page.tsx";
import { at, newId } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, called, calls, answerWith } = preparePage();

const aLetter = (overrides: Partial<DeadLetter> = {}): DeadLetter => ({
  id: newId(),
  companyId: newId(),
  queue: "inbound-messages",
  jobName: "message",
  jobId: "message|1",
  reason: "body: too long",
  payloadSummary: "{ body: text of 17 }",
  state: "resting",
  mayRedrive: true,
  failures: 2,
  attempts: 8,
  note: null,
  createdAt: at(0),
  failedAt: at(0),
  redrivenAt: null,
  closedAt: null,
  ...overrides,
});

function withLetters(...items: DeadLetter[]) {
  answerWith(({ method, path }) => {
    if (!path.startsWith("/v1/dead-letters")) return undefined; // the login is answered by default
    if (method === "GET" && path.startsWith("/v1/dead-letters?state=resting"))
      return {
        body: {
          items: calls.some(({ method, path }) => method === "POST" && path.startsWith("/v1/dead-letters"))
            ? []
            : items,
          next: null,
        },
      };
    if (path === "/v1/dead-letters/redrive") return { status: 202, body: { redriven: 3, remaining: 2 } };
    return method === "POST" ? { status: 202, body: items[0] } : { body: { items: [], next: null } };
  });
  show(<FailuresPage />);
}

test("a failure shows its reason and count, and leaves the list when it is tried again", async () => {
  const letter = aLetter();
  withLetters(letter);
  expect((await screen.findByTestId("dead-letter")).textContent).toContain("body: too long");
  expect(screen.getByText(/Falhou 2 vezes/)).toBeDefined();
  fireEvent.click(screen.getByTestId("redrive"));
  await called(`/v1/dead-letters/${letter.id}/redrive`);
  expect(await screen.findByText("Nenhuma falha")).toBeDefined();
});

test("a failure without a payload can't be tried again and explains why", async () => {
  withLetters(aLetter({ mayRedrive: false }));
  const button = (await screen.findByTestId("redrive")) as HTMLButtonElement;
  expect(button.disabled).toBe(true);
  expect(button.title).toContain("não foi guardado");
  expect((screen.getByTestId("redrive-all") as HTMLButtonElement).disabled).toBe(true);
});

test("a failure is discarded only with a note", async () => {
  const letter = aLetter();
  withLetters(letter);
  fireEvent.click(await screen.findByTestId("discard"));
  expect((screen.getByTestId("discard-confirm") as HTMLButtonElement).disabled).toBe(true);
  fireEvent.change(screen.getByTestId("discard-note"), { target: { value: " duplicado " } });
  fireEvent.click(screen.getByTestId("discard-confirm"));
  expect((await called(`/v1/dead-letters/${letter.id}/discard`)).body).toEqual({ note: "duplicado" });
});

test("one request tries all failures again and reports how many remain", async () => {
  withLetters(aLetter());
  await screen.findByTestId("dead-letter");
  fireEvent.click(screen.getByTestId("redrive-all"));
  expect((await screen.findByRole("status")).textContent).toContain("3 tentativas");
  expect(screen.getByText(/restam 2/)).toBeDefined();
});
