import type { Page } from "playwright-core";
import { group, mainChat } from "./seed/chats.ts";
import { companies } from "./seed/platform.ts";

export type Visitor = "owner" | "agent" | "nobody" | "operator";

/** A page, or a dialog or menu on a page. */
export interface View {
  name: string;
  path: string;
  /** Default: the owner of the company. */
  as?: Visitor;
  /** Test id of an element that shows that the page is complete. */
  ready: string;
  /** What a person does to open the dialog. */
  open?: (page: Page) => Promise<void>;
}

/** Clicks the first element of each test id, one after the other. */
const click =
  (...testIds: string[]) =>
  async (page: Page): Promise<void> => {
    for (const testId of testIds) await page.getByTestId(testId).first().click();
  };
/** Opens the menu of the first element with the test id. */
const openMenu =
  (within: string, ...items: string[]) =>
  async (page: Page): Promise<void> => {
    await page.getByTestId(within).first().locator("[aria-haspopup=menu]").click();
    await click(...items)(page);
  };

const chatPath = `/messages/${mainChat.id}`;
const openMessageMenu = async (page: Page): Promise<void> => {
  const message = page.getByTestId("message").filter({ hasText: "bolo de aniversário" });
  await message.hover();
  await message.locator("[aria-haspopup=menu]").click();
};
const openAttachMenu = async (page: Page): Promise<void> =>
  page.locator("form [aria-haspopup=menu], [data-testid=composer-bar] [aria-haspopup=menu]").first().click();

const isOpen = (page: Page): Promise<void> => page.getByRole("dialog").last().waitFor();

const dialog = (name: string, path: string, ready: string, ...testIds: string[]): View => ({
  ...{ name, path, ready },
  open: async (page) => {
    await click(...testIds)(page);
    await isOpen(page);
  },
});

export const views: readonly View[] = [
  { name: "login", path: "/", as: "nobody", ready: "login-email" },
  {
    ...{ name: "login-second-factor", path: "/", as: "nobody", ready: "login-email" },
    open: async (page) => {
      await page.getByTestId("login-email").fill("ana@padaria.example");
      await page.getByTestId("login-password").fill("uma senha longa");
      await page.getByTestId("login-submit").click();
      await page.getByTestId("second-factor-code").waitFor();
    },
  },
  { name: "forgot-password", path: "/forgot-password", as: "nobody", ready: "forgot-email" },
  { name: "invitation", path: "/invitation#token", as: "nobody", ready: "accept-password" },
  { name: "password-reset", path: "/password-reset#token", as: "nobody", ready: "reset-password" },

  { name: "chats", path: "/messages", ready: "chat-item" },
  { name: "chat", path: chatPath, ready: "message" },
  { name: "chat-of-agent", path: chatPath, as: "agent", ready: "message" },
  { name: "group", path: `/messages/${group.id}`, ready: "message" },
  dialog("group-panel", `/messages/${group.id}`, "message", "group-open"),
  { name: "message-menu", path: chatPath, ready: "message", open: openMessageMenu },
  {
    ...{ name: "forward", path: chatPath, ready: "message" },
    open: async (page) => {
      await openMessageMenu(page);
      await page.getByTestId("action-forward").click();
      await isOpen(page);
    },
  },
  { name: "attach-menu", path: chatPath, ready: "message", open: openAttachMenu },
  ...(["location", "contacts", "poll"] as const).map(
    (kind): View => ({
      ...{ name: `attach-${kind}`, path: chatPath, ready: "message" },
      open: async (page) => {
        await openAttachMenu(page);
        await page.getByTestId(`attach-${kind}`).click();
        await isOpen(page);
      },
    }),
  ),

  { name: "clients", path: "/clients", ready: "client-row" },
  dialog("client", "/clients", "client-row", "client-details", "client-address"),
  dialog("client-merge", "/clients", "client-row", "client-details", "client-merge"),
  dialog("client-split", "/clients", "client-row", "client-details", "client-split"),
  dialog("client-erase", "/clients", "client-row", "client-details", "client-erase"),
  { name: "sessions", path: "/sessions", ready: "session-card" },
  { name: "sessions-of-agent", path: "/sessions", as: "agent", ready: "session-card" },
  dialog("session-new", "/sessions", "session-card", "session-create"),
  dialog("session-proxy", "/sessions", "session-card", "session-proxy"),
  dialog("session-logout", "/sessions", "session-card", "session-logout"),
  { name: "dashboard", path: "/dashboard", ready: "day-chart" },
  { name: "dashboard-of-agent", path: "/dashboard", as: "agent", ready: "day-chart" },
  {
    ...{ name: "dashboard-tables", path: "/dashboard", ready: "day-chart" },
    open: async (page) => {
      for (const summary of await page.locator("main summary").all()) await summary.click();
    },
  },
  { name: "account", path: "/account", ready: "login" },
  dialog("second-factor-off", "/account", "second-factor-state", "second-factor-off"),
  dialog("settings", "/messages", "chat-item", "open-settings"),

  { name: "people", path: "/people", ready: "person" },
  dialog("person-invite", "/people", "person", "person-invite"),
  { name: "person-menu", path: "/people", ready: "person", open: openMenu("person") },
  { name: "person-edit", path: "/people", ready: "person", open: openMenu("person", "person-edit") },
  { name: "teams", path: "/people/teams", ready: "team" },
  dialog("team-new", "/people/teams", "team", "team-new"),
  dialog("team-members", "/people/teams", "team", "team-members"),
  dialog("team-sessions", "/people/teams", "team", "team-sessions"),
  dialog("team-remove", "/people/teams", "team", "team-remove"),
  { name: "audit", path: "/people/audit", ready: "audit-entry" },
  { name: "failures", path: "/failures", ready: "dead-letter" },
  dialog("failure-discard", "/failures", "dead-letter", "discard"),
  { name: "webhooks", path: "/integrations/webhooks", ready: "webhook" },
  dialog("webhook-new", "/integrations/webhooks", "webhook", "webhook-new"),
  { name: "webhook-log", path: "/integrations/webhooks", ready: "webhook", open: click("webhook-log") },
  dialog("webhook-remove", "/integrations/webhooks", "webhook", "webhook-remove"),
  { name: "consumers", path: "/integrations/consumers", ready: "consumer" },
  dialog("consumer-remove", "/integrations/consumers", "consumer", "consumer-remove"),
  { name: "api-keys", path: "/integrations/api-keys", ready: "api-key" },
  dialog("api-key-new", "/integrations/api-keys", "api-key", "api-key-new"),
  {
    ...{ name: "api-key-secret", path: "/integrations/api-keys", ready: "api-key" },
    open: async (page) => {
      await page.getByTestId("api-key-new").click();
      await page.getByTestId("api-key-name").fill("CRM");
      await page.getByTestId("api-key-scope-read").check();
      await page.getByTestId("api-key-save").click();
      await page.getByTestId("api-key-secret-value").waitFor();
    },
  },

  { name: "operator-login", path: "/operator", as: "nobody", ready: "login-email" },
  { name: "operator-companies", path: "/operator/companies", as: "operator", ready: "company" },
  { ...dialog("operator-company-new", "/operator/companies", "company", "company-new"), as: "operator" },
  {
    name: "operator-company",
    path: `/operator/companies/${companies[0]?.id}`,
    as: "operator",
    ready: "company-rename",
  },
  { name: "operator-operators", path: "/operator/operators", as: "operator", ready: "operator" },
  { ...dialog("operator-new", "/operator/operators", "operator", "operator-new"), as: "operator" },
  { name: "operator-health", path: "/operator/health", as: "operator", ready: "open-queues" },
  { name: "operator-failures", path: "/operator/failures", as: "operator", ready: "dead-letter" },
  { name: "operator-account", path: "/operator/account", as: "operator", ready: "second-factor-state" },
];
