import { setTimeout as delay } from "node:timers/promises";
import { type EventFrame, selectableTypes, wholeCompany } from "@syszap/contracts";
import { Oracle } from "@syszap/testing/oracle";
import type { Outcome, Scenario } from "../framework/scenario.ts";
import { readRedisLog } from "../session-kills/environment/event-recorder.ts";
import { countNewMessages } from "../session-kills/ledger/compare-events.ts";
import {
  compareMessages,
  type StoredMessage,
  some,
  type WhatsAppMessage,
} from "../session-kills/ledger/compare-messages.ts";
import { RollingEnvironment, type ServiceName } from "./environment.ts";
import { Tenant } from "./tenant.ts";
import { WebhookReceiver } from "./webhook-receiver.ts";

const tenantCount = 3;
const settleDeadlineMs = 120_000;
const pollEveryMs = 50;
/** Traffic with the new processes before the next service is replaced. */
const requestsBetween = 4;

/** Replaces all processes of the product while people use it. */
export const rollingRestarts: Scenario = {
  name: "rolling-restarts",
  about:
    "Every service is replaced, one after the other, behind the shipped front. Each message is stored, published and delivered once; no request fails; a browser reconnects at most once.",
  open: async ({ log }) => {
    const environment = await RollingEnvironment.open(process.env.PREVIOUS_RELEASE);
    return {
      runSeed: () => runOnce(environment, log),
      close: async () => {
        await environment.close();
        return [];
      },
    };
  },
};

async function runOnce(environment: RollingEnvironment, log: (line: string) => void): Promise<Outcome> {
  await environment.requireConnector();
  const receiver = new WebhookReceiver();
  await receiver.start();
  const tenants: Tenant[] = [];
  try {
    for (let left = tenantCount; left > 0; left--) tenants.push(await Tenant.open(environment, receiver.url));
    for (const tenant of tenants) tenant.startWriting();
    const faults = await replaceAll(environment, tenants, log);
    await Promise.all(tenants.map((tenant) => tenant.stopWriting()));
    await settle(environment, tenants);
    const checks = await Promise.all(tenants.map((tenant) => check(environment, tenant, receiver)));
    return {
      violations: [...faults, ...checks.flatMap(({ violations }) => violations)],
      counts: countsOf(tenants, checks),
    };
  } finally {
    for (const browser of tenants.flatMap(({ browsers }) => browsers)) browser.disconnect();
    receiver.close();
  }
}

async function replaceAll(
  environment: RollingEnvironment,
  tenants: readonly Tenant[],
  log: (line: string) => void,
): Promise<string[]> {
  const steps: [ServiceName, () => Promise<void>][] = [
    ["message-worker", () => environment.replaceEach("message-worker")],
    ["rest-api", () => environment.replaceEach("rest-api")],
    ["ws-gateway", () => environment.replaceGateways()],
    ["whatsapp-connector", () => environment.replaceEach("whatsapp-connector")],
    ["webhook-sender", () => environment.replaceEach("webhook-sender")],
  ];
  const browsers = tenants.flatMap((tenant) => tenant.browsers);
  const faults: string[] = [];
  await untilRequests(tenants);
  for (const [service, replace] of steps) {
    const [before, startedAt] = [browsers.map(({ reconnects }) => reconnects), performance.now()];
    const requestsBefore = tenants.map(({ latenciesMs }) => latenciesMs.length);
    await replace();
    await untilRequests(tenants);
    const reconnects = browsers.map((browser, index) => browser.reconnects - (before[index] ?? 0));
    const allowed = service === "ws-gateway" ? 1 : 0;
    if (reconnects.some((count) => count > allowed))
      faults.push(`replacing ${service} made browsers reconnect ${reconnects.join(", ")} times`);
    const latencies = tenants.flatMap(({ latenciesMs }, index) => latenciesMs.slice(requestsBefore[index]));
    log(
      `${service} replaced in ${seconds(performance.now() - startedAt)}: ${latencies.length} requests, slowest ` +
        `${seconds(Math.max(...latencies))}, ${reconnects.reduce((sum, count) => sum + count, 0)} reconnects`,
    );
  }
  return faults;
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`;

/** Waits until each company has sent some more requests. */
async function untilRequests(tenants: readonly Tenant[]): Promise<void> {
  const wanted = tenants.map(({ latenciesMs }) => latenciesMs.length + requestsBetween);
  while (tenants.some(({ latenciesMs }, index) => latenciesMs.length < (wanted[index] ?? 0))) await delay(pollEveryMs);
}

interface Check {
  violations: string[];
  messages: number;
  events: number;
}

/** Receipts are still on their way when all messages are stored. Stops what creates events, and waits until all are published. */
async function settle(environment: RollingEnvironment, tenants: readonly Tenant[]): Promise<void> {
  const { records } = environment.servers;
  const endsAt = performance.now() + settleDeadlineMs;
  const until = async (isMet: () => Promise<boolean>) => {
    while (!(await isMet()) && performance.now() < endsAt) await delay(pollEveryMs);
  };
  for (const { companyId, sessionId, written, sent } of tenants) {
    const certain = written.filter(({ key }) => key !== undefined).length;
    const phones = new Map([[sessionId, sessionId]]);
    await until(async () => (await records.messages(companyId, phones)).length >= certain + sent.size);
    await until(async () => (await records.waiting(companyId)) === 0);
  }
  await environment.stopConnector();
  await until(async () => (await environment.waitingJobs()) === 0);
  for (const { companyId } of tenants) await until(async () => (await records.waiting(companyId)) === 0);
}

/** Compares phone, Postgres, log, browsers and webhook. */
async function check(environment: RollingEnvironment, tenant: Tenant, receiver: WebhookReceiver): Promise<Check> {
  const { companyId, sessionId } = tenant;
  const stored = await environment.servers.records.messages(companyId, new Map([[sessionId, sessionId]]));
  const events = await readRedisLog(environment.servers.redis.current.url, companyId);
  const hooked = events.filter(({ type }) => (selectableTypes as readonly string[]).includes(type)).map(({ id }) => id);
  const aborted = AbortSignal.timeout(settleDeadlineMs);
  await Promise.all(
    tenant.browsers.map((browser) =>
      browser.hasReceived(
        events.map(({ id }) => id),
        aborted,
      ),
    ),
  );
  while (!aborted.aborted && hooked.some((id) => !receiver.arrivals.has(id))) await delay(pollEveryMs);
  const violations = [
    ...some("failed", tenant.faults),
    // The phone's time orders messages: here the clock of this machine, which may be set back meanwhile. The scenarios with the
    // stand-in for WhatsApp Web check the order.
    ...compareMessages({ inWhatsApp: inWhatsApp(tenant, stored), stored, published: countNewMessages(events) }).filter(
      (violation) => !violation.startsWith("out of order"),
    ),
    ...oracleOf(tenant, events).violations(),
    ...some("webhook", receiver.violations(hooked)),
    ...(await environment.servers.records.deadLetters(companyId)),
  ];
  return { violations, messages: stored.length, events: events.length };
}

/** Lists the messages that WhatsApp should have: those that customers wrote and those that the API accepted. */
function inWhatsApp({ sessionId: phone, written, sent }: Tenant, stored: readonly StoredMessage[]): WhatsAppMessage[] {
  const byId = new Map(stored.map((row) => [row.id, row]));
  const byText = new Map(stored.map((row) => [row.body, row]));
  const received = written.flatMap(({ number, body, key = byText.get(body)?.key }): WhatsAppMessage[] =>
    key === undefined ? [] : [{ phone, key, isOurs: false, number, body, ack: 0, sha256: null }],
  );
  const answers = [...sent].map(([id, body]): WhatsAppMessage => {
    const row = byId.get(id);
    const entry = { phone, isOurs: true, number: row?.number ?? "", body, sha256: null };
    return { ...entry, key: row?.key ?? id, ack: acks[row?.status ?? ""] ?? 1 };
  });
  return [...received, ...answers];
}

/** Receipts that the phone had not sent when the connector stopped are not sent later. */
const acks: Record<string, number> = { sent: 1, delivered: 2, read: 3 };

/** The log is the reference: each browser must have received it, once and in order. */
function oracleOf(tenant: Tenant, events: readonly EventFrame[]): Oracle {
  const oracle = new Oracle();
  const labels = new Map<string, string>();
  for (const [index, { id }] of events.entries()) {
    oracle.recordPublication({
      id,
      companyId: tenant.companyId,
      publisher: "log",
      number: index + 1,
      audience: wholeCompany,
    });
    labels.set(id, `log#${index + 1}`);
  }
  for (const browser of tenant.browsers) browser.report(oracle, labels);
  return oracle;
}

function countsOf(tenants: readonly Tenant[], checks: readonly Check[]): Record<string, number> {
  const latencies = tenants.flatMap(({ latenciesMs }) => latenciesMs).toSorted((one, other) => one - other);
  const browsers = tenants.flatMap((tenant) => tenant.browsers);
  const outages = browsers.flatMap(({ outagesMs }) => outagesMs);
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    requests: latencies.length,
    "ms at the 99th percentile of requests": Math.round(latencies[Math.floor(latencies.length * 0.99)] ?? 0),
    messages: sum(checks.map(({ messages }) => messages)),
    events: sum(checks.map(({ events }) => events)),
    browsers: browsers.length,
    reconnects: outages.length,
    "most reconnects of a browser": Math.max(...browsers.map(({ reconnects }) => reconnects)),
    "ms without a connection at most": Math.round(Math.max(0, ...outages)),
    "texts whose confirmation was lost": sum(
      tenants.map(({ written }) => written.filter(({ key }) => key === undefined).length),
    ),
  };
}
