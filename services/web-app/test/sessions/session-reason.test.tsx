import { sessionReasons } from "@syszap/contracts/constants";
import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { SessionCard } from "../../src/components/sessions/session-card.tsx";
import { en } from "../../src/i18n/locales/en.ts";
import { ptBr } from "../../src/i18n/locales/pt-br.ts";
import { aSession, preparePage } from "../support/page.tsx";

const { show } = preparePage();
const card = (reason: string | null) => (
  <SessionCard
    session={aSession({ status: "connecting", detail: "reconnecting", reason })}
    mayManage={false}
    onConnect={() => undefined}
  />
);

test("every reason has a sentence of its own in both languages", () => {
  for (const texts of [ptBr["session-reason"], en["session-reason"]]) {
    expect(Object.keys(texts).toSorted()).toEqual(sessionReasons.toSorted());
    for (const sentence of Object.values(texts)) expect(sentence).toMatch(/^[A-ZÁÉÍÓÚÂÊÔÃÕ].{15,}\.$/);
    expect(new Set(Object.values(texts)).size).toBe(sessionReasons.length);
  }
});

test("a session shows the reason of its state, translated if it is known, and nothing without a reason", () => {
  const update = show(card("phone_offline"));
  expect(screen.getByTestId("session-reason").textContent).toBe(ptBr["session-reason"].phone_offline);
  update(card("a reason of next year"));
  expect(screen.getByTestId("session-reason").textContent).toBe("a reason of next year");
  update(card(null));
  expect(screen.queryByTestId("session-reason")).toBeNull();
});
