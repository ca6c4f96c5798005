import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LoginAnswer, Session } from "@syszap/contracts";
import { type Run, startProduct, stopAndRemove } from "@syszap/testing/product";
import pg from "pg";
import type { BenchmarkContext } from "../harness/benchmark.ts";
import { fill } from "../pipeline/reads/fill.ts";

/** A chat with a client. */
export interface SeededChat {
  id: string;
  /** The client's WhatsApp number. */
  number: string;
}

/** The product with a company that has many chats, one of them with many messages. */
export interface SeededProduct {
  run: Run;
  login: { email: string; password: string };
  sessionId: string;
  /** The chat with most messages, which is also the newest one. */
  longChat: SeededChat & { newestBody: string };
  otherChats: SeededChat[];
  /** Resolves when a message with this body is stored. */
  isStored(body: string): Promise<void>;
}

export const chatCount = 5_000;
export const longChatMessages = 50_000;
/** Messages of all chats besides those of the long one. */
const otherMessages = 10_000;
const messageSpacingSeconds = 150;
const [deadlineMs, pollIntervalMs] = [60_000, 100];

/** Starts the whole product as `npm start` does and fills the demo company. */
export async function openSeededProduct({ onEnd, log }: BenchmarkContext): Promise<SeededProduct> {
  const folder = await mkdtemp(join(tmpdir(), "syszap-bench-page-"));
  const product = await startProduct({ dataDirectory: join(folder, "data") });
  onEnd(() => stopAndRemove(product, folder));
  const { run } = product;
  const login = run.logins.find(({ role }) => role === "owner");
  if (!login) throw new Error("The product has no demo login of an owner.");
  const { companyId, sessionId } = await linkSession(run, login);
  const owner = new pg.Client({ connectionString: run.databaseUrl });
  await owner.connect();
  onEnd(() => owner.end());
  await fill(owner, { companyId, sessionId }, { clients: chatCount, messages: otherMessages });
  const { rows } = await owner.query<SeededChat>(
    `select ch.id, c.whatsapp_number as number from chats ch join clients c on c.company_id = ch.company_id and c.id = ch.client_id
       where ch.company_id = $1 and ch.session_id = $2 order by ch.last_message_order desc`,
    [companyId, sessionId],
  );
  const [longChat, ...otherChats] = rows;
  const isStored = (body: string) =>
    until(async () => {
      const { rowCount } = await owner.query(
        `select 1 from (select body from messages where company_id = $1 and session_id = $2
           order by occurred_at desc limit 200) newest where body = $3`,
        [companyId, sessionId, body],
      );
      return rowCount === 1;
    });
  if (!longChat) throw new Error("No chat was filled.");
  const filled = await owner.query<{ body: string }>(fillLongChat, [companyId, sessionId, longChat.id]);
  const newestBody = filled.rows.at(-1)?.body ?? "";
  await owner.query(noteLastMessage, [companyId, longChat.id]);
  await owner.query("vacuum (analyze) clients, chats, messages");
  log(`Filled ${rows.length} chats, one of them with ${longChatMessages} messages.`);
  return { run, login, sessionId, longChat: { ...longChat, newestBody }, otherChats, isStored };
}

/** Texts of different lengths and days, the last one minutes ago. */
const fillLongChat = `
  insert into messages (company_id, session_id, chat_id, direction, wa_key, type, body, status, source_order, occurred_at)
  select $1, $2, $3, i % 3 % 2, '3EB1' || upper(substr(md5(i::text), 1, 18)), 0,
    'mensagem ' || i || repeat(' com mais texto', i % 11), case i % 3 % 2 when 1 then 'read' end,
    lpad(at_ms::text, 15, '0') || '-0000000001-' || lpad(i::text, 12, '0'), to_timestamp(at_ms / 1000.0)
  from (
    select i, (extract(epoch from now())::bigint - (${longChatMessages} - i)::bigint * ${messageSpacingSeconds}) * 1000 as at_ms
    from generate_series(1, ${longChatMessages}) i
  ) made order by i returning body`;

const noteLastMessage = `
  update chats c set last_message_id = last.id, last_message_order = last.source_order
  from (select id, source_order from messages where company_id = $1 and chat_id = $2 order by source_order desc limit 1) last
  where c.company_id = $1 and c.id = $2`;

async function linkSession(run: Run, login: SeededProduct["login"]) {
  const { accessToken, me } = LoginAnswer.parse(await request(`${run.url}/v1/auth/login`, { body: login }));
  const path = `${run.url}/v1/sessions`;
  const { id } = Session.parse(await request(path, { body: { name: "Bench", engine: "simulator" }, accessToken }));
  const isIn = (status: Session["status"]) => async () =>
    Session.parse(await request(`${path}/${id}`, { accessToken })).status === status;
  await request(`${path}/${id}/connect`, { body: {}, accessToken });
  await until(isIn("qr"));
  await commandPhone(run, id, "scan", {});
  await until(isIn("connected"));
  return { companyId: me.companyId, sessionId: id };
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  for (const startedAt = Date.now(); !(await isDone()); await delay(pollIntervalMs))
    if (Date.now() - startedAt > deadlineMs)
      throw new Error("The simulated phone was not linked, or a message was not stored in time.");
}

/** Sends a POST request with a body, and else a GET request. Resolves with the JSON of the answer. */
async function request(url: string, { body, accessToken }: { body?: object; accessToken?: string }): Promise<unknown> {
  const answer = await fetch(url, {
    method: body ? "POST" : "GET",
    headers: {
      "content-type": "application/json",
      ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered with status ${answer.status}: ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** Sends a command to the simulated phone of a session. */
export async function commandPhone(run: Run, sessionId: string, command: string, body: object): Promise<void> {
  const connector = run.processes["whatsapp-connector"];
  const answer = await fetch(`${connector?.url}/simulator/sessions/${sessionId}/${command}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  await answer.text();
  if (!answer.ok) throw new Error(`The simulated phone answered with status ${answer.status}.`);
}
