import type { SessionPacing } from "@syszap/contracts";
import { pacingCauses } from "@syszap/contracts/constants";
import { act, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { PacingBudgets } from "../../src/components/pacing/pacing-budgets.tsx";
import { PacingNotice } from "../../src/components/pacing/pacing-notice.tsx";
import { SessionCard } from "../../src/components/sessions/session-card.tsx";
import { en } from "../../src/i18n/locales/en.ts";
import { ptBr } from "../../src/i18n/locales/pt-br.ts";
import { newId } from "../support/builders.ts";
import { aSession, preparePage } from "../support/page.tsx";

const { show, answerWith } = preparePage();

const aPacing = (overrides: Partial<SessionPacing> = {}): SessionPacing => ({
  sessionId: newId(),
  state: "ok",
  cause: null,
  resetsAt: null,
  nextAllowedAt: null,
  waiting: 0,
  hourly: { limit: 500, used: 12, remaining: 488, resetsAt: null },
  cold: { limit: null, used: 3, remaining: null, resetsAt: null },
  breaker: { state: "closed", failures: 0, retryAt: null, reason: null },
  ...overrides,
});
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

test("every cause has a sentence with a time in both languages", () => {
  for (const { pacing } of [ptBr, en])
    for (const cause of pacingCauses) {
      expect(pacing[cause]).toMatch(/\{\{when\}\}.*\.$/);
      expect(pacing.notice[cause]).not.toBe("");
    }
});

test("the notice shows until when messages wait, and disappears at that time", () => {
  vi.useFakeTimers();
  try {
    const pacing = aPacing({ state: "exhausted", cause: "hourly_budget", resetsAt: inAnHour() });
    show(<PacingNotice pacing={pacing} />);
    expect(screen.getByRole("status").textContent).toMatch(/por hora atingido.*\d{2}:\d{2}/);
    act(() => vi.advanceTimersByTime(3_600_001));
    expect(screen.queryByRole("status")).toBeNull();
  } finally {
    vi.useRealTimers();
  }
});

test("the notice of failures stays after its time, until a message is sent", () => {
  const resetsAt = new Date(Date.now() - 1_000).toISOString();
  const update = show(<PacingNotice pacing={aPacing({ state: "slowed", cause: "failures", resetsAt })} />);
  expect(screen.getByRole("status").textContent).toBe(ptBr.pacing.trying);
  update(<PacingNotice pacing={aPacing()} />);
  expect(screen.queryByRole("status")).toBeNull();
});

test("a linked session shows the used part of its budgets and the waiting messages", async () => {
  const session = aSession({ status: "connected", detail: "connected", phoneNumber: "5511999990000" });
  answerWith(({ path }) =>
    path === `/v1/sessions/${session.id}/pacing` ? { body: aPacing({ sessionId: session.id, waiting: 4 }) } : undefined,
  );
  show(<SessionCard session={session} mayManage={false} onConnect={() => undefined} />);
  const budgets = await screen.findByTestId("pacing-budgets");
  expect(budgets.textContent).toContain("12 de 500");
  expect(budgets.textContent).toContain(`${ptBr.pacing.waiting}4`);
});

test("a budget without a limit shows the number of sent messages", () => {
  show(<PacingBudgets pacing={aPacing()} />);
  const [, cold] = screen.getAllByRole("definition");
  expect(cold?.textContent).toBe("3");
});
