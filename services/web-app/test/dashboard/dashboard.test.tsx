import type { Statistics } from "@syszap/contracts";
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { perHour, perMinute } from "../../src/components/dashboard/series.ts";
import { durationText } from "../../src/i18n/duration.ts";
import { followEvents } from "../../src/live/apply-events.ts";
import { queryClient } from "../../src/page/query-client.ts";
import { DashboardPage } from "../../src/pages/dashboard-page.tsx";
import { aMessage, stored } from "../support/builders.ts";
import { aSession, preparePage } from "../support/page.tsx";

const { show, answerWith, calls, me } = preparePage();

const minuteMs = 60_000;
const startsAt = new Date(Date.now() - 90 * minuteMs).toISOString();
const statistics = (overrides: Partial<Statistics> = {}): Statistics => ({
  timeZone: "America/Sao_Paulo",
  readAt: new Date().toISOString(),
  today: {
    startsAt,
    endsAt: new Date(Date.parse(startsAt) + 24 * 60 * minuteMs).toISOString(),
    received: [3, 0, 2],
    sent: [0, 1],
  },
  perDay: [{ day: "2026-03-10", startsAt, received: 5, sent: 1 }],
  waiting: { chats: 2, since: new Date(Date.now() - 12 * minuteMs).toISOString() },
  firstAnswer: { answers: 40, medianMs: 4 * minuteMs, p90Ms: 31 * minuteMs },
  sessions: { connected: 1, connecting: 0, qr: 0, disconnected: 2 },
  sending: { waiting: 0, since: null },
  live: { people: 3, connections: 4, gateways: 2, receiving: 0, latency: { events: 9, p50Ms: 12.4, p99Ms: 61 } },
  ...overrides,
});
const history = [
  {
    day: "2026-03-09",
    startsAt: new Date(Date.parse(startsAt) - 24 * 60 * minuteMs).toISOString(),
    received: 700,
    sent: 500,
  },
  { day: "2026-03-10", startsAt, received: 1, sent: 0 },
];

function answerStatistics(current: () => Statistics) {
  answerWith(({ path }) => {
    if (path === "/v1/stats?days=1") return { body: current() };
    if (path === "/v1/stats?days=30") return { body: statistics({ perDay: history }) };
    if (path.startsWith("/v1/realtime/stats")) return { body: { totalConnections: 0, connections: [], next: null } };
    if (path.startsWith("/v1/sessions")) return { body: { items: [aSession()], next: null } };
    return undefined;
  });
}
const figure = (name: string) => screen.getByTestId(`stat-${name}`).textContent;

test("shows the stored numbers of today, and the same numbers of the charts as tables", async () => {
  answerStatistics(() => statistics());
  show(<DashboardPage />);
  await waitFor(() => expect(screen.getByTestId("stat-received")).toBeTruthy());
  expect(["received", "sent", "waiting", "sending", "sessions", "connections"].map(figure)).toEqual([
    ...["5", "1", "2", "0", "1", "3"],
  ]);
  expect([figure("first-answer"), figure("latency")]).toEqual(["4 min", "12 ms"]);
  expect(screen.getByText("a mais longa há 12 min")).toBeTruthy();
  expect(screen.getByText("90% de 40 respostas em até 31 min")).toBeTruthy();
  const days = await screen.findByRole("table", { name: "Mensagens por dia" });
  const cells = within(days)
    .getAllByRole("cell")
    .map(({ textContent }) => textContent);
  // The newest day first, with the present numbers of today instead of those of the older history.
  expect(cells).toEqual(["5", "1", "700", "500"]);
  const hours = screen.getByRole("table", { name: "Mensagens por minuto" });
  expect(
    within(hours)
      .getAllByRole("cell")
      .map(({ textContent }) => textContent),
  ).toEqual(["5", "1", "0", "0"]);
  expect(screen.getByRole("img", { name: /Hoje 5 mensagens foram recebidas e 1 enviadas/ })).toBeTruthy();
});

test("reads the numbers again after an event", async () => {
  let waiting = 2;
  answerStatistics(() => statistics({ waiting: { chats: waiting, since: null } }));
  const listeners: ((frame: unknown) => void)[] = [];
  const client = {
    on: () => () => undefined,
    onDurable: (listener: never) => {
      listeners.push(listener);
      return () => undefined;
    },
  };
  const stop = followEvents(queryClient, client as never);
  show(<DashboardPage />);
  await waitFor(() => expect(figure("waiting")).toBe("2"));
  waiting = 3;
  act(() => listeners.forEach((listen) => void listen(stored(aMessage()))));
  await waitFor(() => expect(figure("waiting")).toBe("3"));
  stop();
});

test("shows an agent neither connections nor the choice of the time zone", async () => {
  answerStatistics(() => statistics({ live: null }));
  const { role } = me;
  me.role = "agent";
  show(<DashboardPage />);
  await waitFor(() => expect(figure("waiting")).toBe("2"));
  expect(screen.queryByTestId("stat-connections")).toBeNull();
  expect(screen.queryByTestId("time-zone")).toBeNull();
  expect(calls.map(({ path }) => path)).not.toContain("/v1/realtime/stats");
  me.role = role;
});

test("lets an owner choose the time zone, and reads the numbers of its days", async () => {
  let timeZone = "America/Sao_Paulo";
  answerStatistics(() => statistics({ timeZone }));
  show(<DashboardPage />);
  const field = await screen.findByTestId("time-zone");
  answerWith(({ path, method, body }) => {
    if (path === "/v1/company" && method === "PATCH") {
      timeZone = (body as { timeZone: string }).timeZone;
      return {
        body: { id: me.companyId, name: me.companyName, agentsSee: "team", requireSecondFactor: "none", timeZone },
      };
    }
    return path.startsWith("/v1/stats") ? { body: statistics({ timeZone }) } : undefined;
  });
  fireEvent.change(field, { target: { value: "America/Manaus" } });
  await waitFor(() => expect(screen.getByText("Hoje, no horário de America/Manaus")).toBeTruthy());
});

test("bins minutes up to the present one, and hours from the start of the day", () => {
  const today = { ...statistics().today, received: [3, 0, 2, 7], sent: [0, 1] };
  const startMs = Date.parse(startsAt);
  const now = startMs + 5.5 * minuteMs;
  expect(perMinute(today, 2, now).map(({ received, sent }) => [received, sent])).toEqual([
    [1.5, 0.5],
    [4.5, 0],
    [0, 0],
  ]);
  expect(perHour(today, startMs + 61 * minuteMs)).toEqual([
    { atMs: startMs, received: 12, sent: 1 },
    { atMs: startMs + 60 * minuteMs, received: 0, sent: 0 },
  ]);
});

test("writes durations with the units that people use", () => {
  const texts = [850, 12_000, 4 * minuteMs, 192 * minuteMs, 120 * minuteMs, 72 * 60 * minuteMs];
  expect(texts.map((ms) => durationText(ms, "en"))).toEqual([
    "850 ms",
    "12 sec",
    "4 min",
    "3 hr 12 min",
    "2 hr",
    "3 days",
  ]);
});
