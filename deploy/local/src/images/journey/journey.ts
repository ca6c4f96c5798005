import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { print } from "../../console.ts";
import { root } from "../../paths.ts";
import { Topology } from "../topology/topology.ts";
import { issueCertificate } from "./certificates.ts";
import { Phone } from "./phone.ts";
import { Visitor } from "./visitor.ts";

const origin = "https://inbox.example.com";
const owner = "ana@example.com";
const customer = "5511988887777";
const running = ["rest-api", "ws-gateway", "message-worker", "webhook-sender", "whatsapp-connector", "web-app"];
/** The migrations of the new release come first (docs/operations/upgrade.md). */
const upgraded = [
  "migrate",
  "message-worker",
  "webhook-sender",
  "whatsapp-connector",
  "rest-api",
  "ws-gateway",
  "web-app",
];
const dataVolumes = ["postgres-data", "redis-data", "media", "profiles", "spool"];
const messageEveryMs = 500;

interface StoredMessage {
  id: string;
  body: string;
}

/**
 * What somebody does who installs sysZap for the first time, with the images of docker-compose.yml behind the shipped front with TLS:
 * secrets, migration, first company, a linked phone, a message in the browser, an upgrade while customers write, a backup, the loss of
 * all data, a restore, and the same conversation. Rejects at the first step that fails. The phone is that of our stand-in for WhatsApp.
 */
export async function journey(chromiumPath: string): Promise<void> {
  const topology = await Topology.open({
    origin,
    joined: "front",
    settings: { BACKUP_DATABASE_PASSWORD: "journey-of-the-images", FRONT_CONNECTIONS: "1000" },
  });
  const closers: (() => unknown)[] = [() => topology.close()];
  try {
    await walk(topology, chromiumPath, closers);
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

interface Travel {
  topology: Topology;
  phone: Phone;
  visitor: Visitor;
}
const pictures = join(root, ".reports", "journey");

async function walk(topology: Topology, chromiumPath: string, closers: (() => unknown)[]): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  const { authority, keyHash } = issueCertificate(topology.volume("tls"), new URL(origin).hostname);
  const tls = { FRONT_TLS_CERTIFICATE: "/tls/certificate.pem", FRONT_TLS_KEY: "/tls/key.pem" };
  topology.add("web-app", tls, ["tls:/tls:ro"]);
  const { phone, address: standIn } = await Phone.start(topology.namespaceOf("whatsapp-connector"));
  closers.push(() => phone.stop());
  topology.add("whatsapp-connector", { WHATSAPP_WEB_STAND_IN: standIn });
  await step("all services run from their images", async () => {
    for (const service of running) await topology.start(service);
  });
  const front = `${topology.addressOf("web-app", "front")}:8080`;
  await step("the front has a certificate of our own authority", () => requireTls(front, authority));
  const visitor = await Visitor.open(origin, { address: front, keyHash, chromiumPath });
  closers.push(() => visitor.close());

  const travel = { topology, phone, visitor };
  print(`Pictures: ${pictures}`);
  try {
    await settle(travel);
    await upgrade(travel);
    await loseAndRestore(travel);
  } catch (err) {
    await visitor.photograph(join(pictures, "failed.png"));
    throw err;
  }
}

async function settle({ topology, phone, visitor }: Travel): Promise<void> {
  await step("the owner of the first company accepts the invitation", async () => {
    const options = ["--name", "Padaria", "--owner-email", owner, "--owner-name", "Ana", "--json"];
    const command = ["node", "dist/cli/syszap.js", "company", "create", ...options];
    const created = JSON.parse(await topology.container("rest-api").run(...command));
    await visitor.acceptInvitation((created as { invitation: { link: string } }).invitation.link);
  });
  await step("a phone is linked by its QR code", async () => {
    await visitor.askForCode("Loja");
    await phone.scan();
    await visitor.isLinked();
  });
  await step("a message appears in the browser, and its answer on the phone", async () => {
    await phone.receive(customer, "Bom dia! Tem pão de queijo?");
    await visitor.openChat("Ana");
    await visitor.sees("Bom dia! Tem pão de queijo?");
    await visitor.answer("Tem sim!");
    await until(async () => (await phone.sent()).includes("Tem sim!"));
  });
  await visitor.photograph(join(pictures, "message.png"));
}

async function upgrade({ topology, phone, visitor }: Travel): Promise<void> {
  const writer = startWriting(phone);
  await step("every service is replaced while a customer writes", async () => {
    for (const service of upgraded) {
      await topology.stop(service);
      await topology.start(service);
    }
  });
  const written = await writer.stop();
  await step(`all ${written} messages are stored once, in order, and shown`, async () => {
    await until(async () => (await stored(topology)).length >= written + 2);
    const expected = Array.from({ length: written }, (_, index) => `mensagem ${index}`);
    requireSame("messages", numbered(await stored(topology)), expected);
    await visitor.sees(expected.at(-1) ?? "");
  });
}

async function loseAndRestore({ topology, phone, visitor }: Travel): Promise<void> {
  const before = await stored(topology);
  const newest = before.at(-1)?.body ?? "";
  await step("a backup is made", () => runBackup(topology, ["backup", "--to", "/data/backups"]));
  await step("all containers end in order, and all data is lost", async () => {
    await topology.stopAll();
    for (const volume of dataVolumes) rmSync(topology.volume(volume), { recursive: true, force: true });
  });
  await step("the backup is restored, and everything starts again", async () => {
    const [backup = ""] = readdirSync(topology.volume("backups")).filter((name) => /^\d{4}-/.test(name));
    await runBackup(topology, ["restore", `/data/backups/${backup}`]);
    for (const service of running) await topology.start(service);
  });
  await step("the browser shows the same conversation", async () => {
    requireSame("the conversation", await stored(topology), before);
    await visitor.comeBack(owner);
    await visitor.openChat("Ana");
    await visitor.sees(newest);
  });
  await step("the phone is still linked: a message arrives, and an answer is sent", async () => {
    await phone.receive(customer, "Voltaram?");
    await visitor.sees("Voltaram?");
    await visitor.answer("Voltamos!");
    await until(async () => (await phone.sent()).includes("Voltamos!"));
  });
  await visitor.photograph(join(pictures, "restored.png"));
}

async function step(what: string, run: () => unknown): Promise<void> {
  const startedAt = performance.now();
  await run();
  print(`✓ ${what} (${((performance.now() - startedAt) / 1_000).toFixed(1)} s)`);
}

/** Rejects if the certificate is not one of this authority for the name of the origin. */
function requireTls(address: string, authority: string): Promise<void> {
  const [host, port] = address.split(":");
  const { hostname: servername } = new URL(origin);
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, servername, ca: authority, headers: { host: servername } }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`The front answered ${response.statusCode}.`));
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** Numbered messages of one customer, until it is stopped. */
function startWriting(phone: Phone) {
  let isStopped = false;
  let written = 0;
  const writing = (async () => {
    while (!isStopped) {
      await phone.receive(customer, `mensagem ${written}`);
      written += 1;
      await delay(messageEveryMs);
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await writing;
      return written;
    },
  };
}

async function stored(topology: Topology): Promise<StoredMessage[]> {
  const query =
    "select coalesce(json_agg(json_build_object('id', id, 'body', body) order by source_order), '[]') from messages";
  const url = `postgres://syszap_owner:${topology.secret("owner_database_password")}@127.0.0.1/syszap`;
  const psql = ["psql", url, "-At", "-c", query];
  return JSON.parse(await topology.container("postgres").run(...psql)) as StoredMessage[];
}

const numbered = (messages: StoredMessage[]) =>
  messages.map(({ body }) => body).filter((body) => body.startsWith("mensagem "));

function requireSame(what: string, found: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${what} differ: ${one.slice(0, 2_000)} instead of ${other.slice(0, 2_000)}`);
}

async function runBackup(topology: Topology, command: string[]): Promise<void> {
  const container = await topology.start("backup", command);
  if ((await container.ended) !== 0) throw new Error(`${command.join(" ")} failed:\n${container.log.slice(-2_000)}`);
  await topology.stop("backup");
}

/** Guards against hanging only. */
const deadlineMs = 300_000;

async function until(isReached: () => Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + deadlineMs;
  while (!(await isReached())) {
    if (performance.now() > endsAt) throw new Error("This did not happen within five minutes.");
    await delay(500);
  }
}
