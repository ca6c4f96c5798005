import { expect } from "vitest";
import { z } from "zod";
import { browserTest } from "../src/browser-test.ts";
import { addCompany, Company, commandPhone, createGroup, newNumber, sentBy } from "../src/company.ts";

browserTest(
  "a group appears when groups are switched on, only mentions make notices, and an answer arrives in it",
  async ({ inbox }) => {
    const login = await addCompany();
    const company = await Company.signIn(login);
    const session = await company.linkedSession("Loja dos grupos");
    const [bia, caio, davi] = [newNumber(), newNumber(), newNumber()];
    const group = await createGroup(session.id, { subject: "Fornecedores", owner: bia, members: [caio] });
    const number = z
      .object({ phoneNumber: z.string() })
      .parse(await company.request("GET", `/v1/sessions/${session.id}`)).phoneNumber;
    const write = (from: string, name: string, body: string, context?: object) =>
      commandPhone(session.id, "message", { from, name, group, body, ...(context && { context }) });

    await inbox.logIn(login);
    await inbox.goTo("sessions");
    await inbox.session(session.id).getByTestId("session-groups").click();
    await inbox.page.getByText("Grupos ligados").first().waitFor();
    await inbox.goTo("messages");

    const row = inbox.byId("chat-item").filter({ hasText: "Fornecedores" });
    // The session applies the change soon after the answer; messages of groups before that are skipped.
    const isReceived = async () => {
      await write(bia, "Bia", "alguém aí?");
      return (await row.count()) > 0;
    };
    await expect.poll(isReceived, { timeout: 60_000, interval: 500 }).toBe(true);
    await write(bia, "Bia", "chegou a farinha");
    await row.filter({ hasText: "Bia: chegou a farinha" }).waitFor();
    const mentions = [{ text: number, number }];
    await write(caio, "Caio", `@${number} pode conferir?`, { mentions });
    const notice = inbox.byId("message-notice").filter({ hasText: "Fornecedores" });
    await notice.filter({ hasText: "Caio: @" }).waitFor();
    expect(await inbox.byId("message-notice").filter({ hasText: "chegou a farinha" }).count()).toBe(0);

    await row.click();
    await inbox.byId("message-author").filter({ hasText: "Bia" }).waitFor();
    await inbox.byId("message-author").filter({ hasText: "Caio" }).waitFor();
    await inbox.message("@Loja dos grupos pode conferir?").waitFor();
    await inbox.byId("composer").fill("conferido");
    await inbox.byId("composer-send").click();
    await inbox.page
      .locator('[data-testid="message"][data-direction="1"][data-status]', { hasText: "conferido" })
      .waitFor();
    await expect.poll(() => sentBy(session.id), { timeout: 60_000 }).toContain("conferido");

    await commandPhone(session.id, "change-group", { group, event: "added", by: bia, members: [davi] });
    await inbox.message("Bia adicionou").waitFor();
    await inbox.byId("group-open").click();
    await inbox.byId("group-participant").filter({ hasText: "Bia" }).filter({ hasText: "Dono" }).waitFor();
    await inbox.byId("group-participant").filter({ hasText: "Caio" }).waitFor();
    await inbox.byId("group-notify-all").click();
    await inbox.page.keyboard.press("Escape");
    await inbox.goTo("clients");
    await write(bia, "Bia", "até amanhã");
    await notice.filter({ hasText: "Bia: até amanhã" }).waitFor();
    expect(await inbox.byId("client-row").count()).toBe(0);
    company.close();
  },
);
