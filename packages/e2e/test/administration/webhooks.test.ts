import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished } from "vitest";
import { browserTest } from "../../src/browser-test.ts";
import { demoOwner, newNumber } from "../../src/company.ts";

interface Request {
  headers: IncomingMessage["headers"];
  event: { type: string; data: { Body?: string } };
}

/** Starts a webhook receiver, as a customer's system would run it. */
async function startReceiver() {
  const requests: Request[] = [];
  const state = { status: 204 };
  const server = createServer(async (req, res) => {
    let body = "";
    for await (const part of req.setEncoding("utf8")) body += part;
    requests.push({ headers: req.headers, event: JSON.parse(body) });
    res.writeHead(state.status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { requests, state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

browserTest(
  "delivers a customer's message to a webhook, and shows at once that status 410 disabled it",
  async ({ inbox, company }) => {
    const receiver = await startReceiver();
    const session = await company.linkedSession("Loja com webhook");
    await inbox.logIn(demoOwner());
    await inbox.byId("nav-integrations").click();
    await inbox.byId("webhook-new").click();
    await inbox.byId("webhook-url").fill(receiver.url);
    await inbox.byId("webhook-save").click();
    expect(await inbox.byId("webhook-secret-value").textContent()).toMatch(/^whsec_/);
    await inbox.byId("webhook-secret-kept").click();
    const card = inbox.byId("webhook").filter({ hasText: receiver.url });
    await card.getByTestId("webhook-test").click();
    await card
      .getByTestId("delivery")
      .filter({ hasText: "webhook_test" })
      .and(inbox.page.locator('[data-state="delivered"]'))
      .waitFor();

    const ana = newNumber();
    await company.receive(session.id, { from: ana, name: "Ana Cliente", body: `chega no ERP? ${ana}` });
    const arrived = () => receiver.requests.find(({ event }) => event.data.Body === `chega no ERP? ${ana}`);
    await expect.poll(arrived, { timeout: 60_000 }).toBeDefined();
    expect(arrived()?.event.type).toBe("new_message");
    expect(arrived()?.headers["webhook-signature"]).toMatch(/^v1,/);

    receiver.state.status = 410;
    await company.receive(session.id, { from: ana, name: "Ana Cliente", body: "e agora?" });
    await inbox.page.getByText("Um webhook foi desligado").waitFor();
    await card.getByText("respondeu 410").waitFor();
    await card.getByTestId("webhook-remove").click();
    await inbox.byId("confirm-action").click();
    await card.waitFor({ state: "detached" });
  },
);
