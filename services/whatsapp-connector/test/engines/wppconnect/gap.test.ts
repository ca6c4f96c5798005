import { expect } from "vitest";
import { deadlineMs } from "../../support/recorded-events.ts";
import { test } from "../../support/test-environment.ts";
import { LinkedBrowser } from "../../support/wppconnect/linked-browser.ts";

const ana = "5511988887777";

test("fetches all messages that arrived while the session was stopped, also many of one chat, in their order", {
  timeout: 300_000,
}, async ({ environment, onTestFinished }) => {
  const linked = await LinkedBrowser.link(environment, (env) => environment.connector("a", { env }));
  onTestFinished(() => linked.close());
  const { phone, session, companyId } = linked;
  await environment.want(session, companyId, "stopped");
  await expect.poll(() => phone.openPages, { timeout: deadlineMs }).toBe(0);
  const seconds = Math.floor(Date.now() / 1_000);
  const bodies = Array.from({ length: 300 }, (_, at) => `perdida ${at}`);
  // Five messages in each second: those of one second must keep their order.
  const keys = bodies.map((body, at) =>
    phone.receive({ from: ana, name: "Ana", body, t: seconds + Math.floor(at / 5) }),
  );
  environment.takeJobs();
  await environment.want(session, companyId, "running");
  const messages = () =>
    environment.jobs.all.flatMap(({ name, data }) => (name === "message" && "receipt" in data ? [data] : []));
  await expect.poll(() => new Set(messages().map(({ waKey }) => waKey)).size, { timeout: deadlineMs }).toBe(300);
  const inOrder = messages().toSorted(
    (one, other) => one.timestampMs - other.timestampMs || one.receipt - other.receipt,
  );
  expect(inOrder.map(({ waKey }) => waKey)).toEqual(keys);
  const details = () => environment.db.withCompany(companyId, ({ sessions }) => sessions.findDetails(session.id));
  await expect.poll(async () => (await details())?.recovery, { timeout: deadlineMs }).toBeNull();
});
