import { expect } from "vitest";
import { deadlineMs } from "../../../support/recorded-events.ts";
import { test } from "../../../support/test-environment.ts";
import { LinkedBrowser } from "../../../support/wppconnect/linked-browser.ts";

const ana = "5511988887777";
const bia = "5521977776666";

test("receives a group of a real browser after the switch, and recovers what it missed there", {
  timeout: 300_000,
}, async ({ environment, onTestFinished }) => {
  const linked = await LinkedBrowser.link(environment, (env) => environment.connector("a", { env }));
  onTestFinished(() => linked.close());
  const { phone, session, companyId } = linked;
  environment.takeJobs();
  const { groups } = phone;
  const group = groups.create({ subject: "Bairro", owner: ana, members: [bia] });
  groups.receive(group, { from: bia, name: "Bia", body: "antes", t: Math.floor(Date.now() / 1_000) - 60 });
  phone.receive({ from: ana, name: "Ana", body: "barreira" });
  await environment.job("message", ({ body }) => body === "barreira");
  await environment.db.withCompany(companyId, ({ sessions }) => sessions.setGroups(session.id, true));
  await environment.publisher.command(companyId, { kind: "groups_changed", sessionId: session.id });
  // The command is carried out when the engine describes the group.
  await expect
    .poll(
      () => {
        groups.receive(group, { from: bia, body: "depois" });
        return environment.jobs.all.some(({ name }) => name === "group");
      },
      { timeout: deadlineMs, interval: 500 },
    )
    .toBe(true);
  const { data: described } = await environment.job("group", ({ subject }) => subject !== undefined);
  expect(described).toMatchObject({ waChatId: group, subject: "Bairro", isMember: true });
  expect(described.participants).toContainEqual({ number: ana, name: "Ana", role: "owner" });
  const { data: message } = await environment.job("message", ({ body }) => body === "depois");
  expect(message).toMatchObject({ waChatId: group, sender: { number: bia, name: "Bia" } });

  await environment.want(session, companyId, "stopped");
  await expect.poll(() => phone.openPages, { timeout: deadlineMs }).toBe(0);
  const missed = groups.receive(group, { from: bia, body: "perdida" });
  const note = groups.setSubject(group, ana, "Vizinhos");
  await environment.want(session, companyId, "running");
  const recovered = await environment.job("message", ({ waKey }) => waKey === missed);
  expect(recovered.data).toMatchObject({ body: "perdida", sender: { number: bia }, isHistory: false });
  const { data: changed } = await environment.job("message", ({ waKey }) => waKey === note);
  expect(changed.content?.note).toMatchObject({ event: "subject_changed", text: "Vizinhos" });
  await environment.job("group", ({ subject }) => subject === "Vizinhos");
  const bodies = environment.jobs.all.flatMap(({ data }) => ("body" in data ? [data.body] : []));
  expect(bodies).not.toContain("antes");
});
