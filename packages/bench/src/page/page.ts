import { setTimeout as delay } from "node:timers/promises";
import { type Benchmark, type BenchmarkContext, type Figures, median, percentile } from "../harness/benchmark.ts";
import { bodyPrefix, Ledger, write } from "./customers.ts";
import { MeasuredPage } from "./measured-page.ts";
import { chatCount, longChatMessages, openSeededProduct, type SeededProduct } from "./seeded-product.ts";

/** Chromium makes its CPU this many times slower, like an old laptop or phone. */
const slowdown = 4;
const [loadTimeoutMs, arrivalTimeoutMs] = [120_000, 180_000];
/** Pages of the long chat that are loaded by scrolling back, if the time suffices. */
const pagesBack = 400;
const scrolledPixels = 12_000;
const [loads, reopenings] = [5, 5];
/** So slow that each message is rendered on its own. */
const quiet = { perSecond: 10, seconds: 15 };
const storm = { perSecond: 100, seconds: 60 };
const keyIntervalMs = 200;

export const page: Benchmark = {
  name: "page",
  about: `main-thread CPU, DOM elements, scrolling and typing of the page with ${chatCount} chats and a chat of ${longChatMessages} messages`,
  goals: {
    interactive_login_ms_4x: "≤ 2,000",
    interactive_inbox_ms_4x: "≤ 2,000",
    dom_nodes_5000_chats: "≤ 2,500",
    dom_nodes_50000: "≤ 2,500",
    reopen_ms: "≤ 300",
    scroll_p95_ms: "≤ 20",
    cpu_ms_per_message: "≤ 10",
    key_paint_p95_ms: "≤ 100",
    heap_growth_mb: "≤ 20",
    lost: "0",
  },
  run: async (context) => {
    const product = await openSeededProduct(context);
    const measured = await MeasuredPage.open(product, context);
    const { log, options } = context;
    const scene = { product, measured, ledger: new Ledger(), log };
    const seconds = options.seconds ?? storm.seconds;
    const figures: Figures = {};
    const add = (part: Figures) => log(JSON.stringify(Object.assign(figures, part)));
    add(await measureLoading(measured));
    add(await measureLists(scene));
    add(await measureUse(scene));
    add(await measureStorm(scene, seconds));
    await measured.throttle(slowdown);
    const slow = { ...(await measureUse(scene)), ...(await measureKeys(scene, Math.ceil(seconds / 3))) };
    await measured.throttle(1);
    add(Object.fromEntries(Object.entries(slow).map(([name, value]) => [`${name}_${slowdown}x`, value])));
    add(await countLosses(scene));
    return { figures };
  },
};

interface Scene {
  product: SeededProduct;
  measured: MeasuredPage;
  ledger: Ledger;
  log: BenchmarkContext["log"];
}

/** Loads the page of the login and the inbox on a slow CPU, without a cache. */
async function measureLoading(measured: MeasuredPage): Promise<Figures> {
  const load = async (testId: string, isSignedIn: boolean) => {
    const times: number[] = [];
    for (let round = 0; round < loads; round++) times.push(await measured.load(testId, slowdown, isSignedIn));
    return median(times);
  };
  return {
    [`interactive_login_ms_${slowdown}x`]: await load("login-email", false),
    [`interactive_inbox_ms_${slowdown}x`]: await load("chat-item", true),
  };
}

/** Loads all chats and a large part of the long chat, and counts the elements of the page. */
async function measureLists({ product, measured, log }: Scene): Promise<Figures> {
  const read = countReads(measured, product);
  await measured.ask(`probe.loadAll("chat-item", "bottom", ${loadTimeoutMs})`);
  const chats = await measured.ask<number>("probe.elements()");
  log(`${read.chats} pages of chats loaded: ${chats} elements.`);
  await measured.ask(`probe.scrollTo("chat-item", "top")`);
  await open(measured, product.longChat.id, product.longChat.newestBody);
  await measured.ask(`probe.loadAll("message", "top", ${loadTimeoutMs}, () => globalThis.isBack)`);
  const messages = await measured.ask<number>("probe.elements()");
  log(`${read.messages} pages of messages loaded: ${messages} elements.`);
  return { dom_nodes_5000_chats: chats, dom_nodes_50000: messages };
}

/** Counts the pages that the page reads of both lists. */
function countReads({ page }: MeasuredPage, { longChat }: SeededProduct) {
  const read = { chats: 0, messages: 0 };
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (pathname === "/v1/chats") read.chats += 1;
    if (pathname !== `/v1/chats/${longChat.id}/messages`) return;
    read.messages += 1;
    if (read.messages >= pagesBack) void page.evaluate("globalThis.isBack = true").catch(() => undefined);
  });
  return read;
}

const open = (measured: MeasuredPage, chatId: string, newestBody: string): Promise<number> =>
  measured.ask<number>(`probe.open("${chatId}", ${JSON.stringify(newestBody)})`);

/** Scrolls both lists, reopens the long chat, and lets customers write slowly. */
async function measureUse({ product, measured, ledger }: Scene): Promise<Figures> {
  const frames = [
    ...(await measured.scroll("message", "up", scrolledPixels)),
    ...(await measured.scroll("message", "down", scrolledPixels)),
    ...(await measured.scroll("chat-item", "down", scrolledPixels)),
    ...(await measured.scroll("chat-item", "up", scrolledPixels)),
  ];
  await measured.ask(`probe.scrollTo("chat-item", "top")`);
  const newest = ledger.of(product.longChat.id).at(-1) ?? product.longChat.newestBody;
  const times: number[] = [];
  for (let round = 0; round < reopenings; round++) {
    await measured.ask(`probe.openOther("${product.longChat.id}")`);
    times.push(await open(measured, product.longChat.id, newest));
  }
  let written = 0;
  const cpuMs = await measured.cpuMsDuring(async () => {
    written = await write(product, ledger, quiet);
    await untilArrived(measured, product, ledger);
  });
  return {
    reopen_ms: median(times),
    scroll_p95_ms: percentile(frames, 95),
    cpu_ms_per_message: cpuMs / written,
  };
}

/** A storm of messages while the user types. */
async function measureStorm(scene: Scene, seconds: number): Promise<Figures> {
  const { product, measured, ledger } = scene;
  const heapBefore = await measured.heapMb();
  let typed: Figures = {};
  const cpuMs = await measured.cpuMsDuring(async () => {
    typed = await measureKeys(scene, seconds);
    await untilArrived(measured, product, ledger);
  });
  const growth = (await measured.heapMb()) - heapBefore;
  return { ...typed, storm_cpu_ms_per_message: cpuMs / (storm.perSecond * seconds), heap_growth_mb: growth };
}

async function measureKeys({ product, measured, ledger }: Scene, seconds: number): Promise<Figures> {
  await measured.ask("probe.startKeys()");
  await measured.page.getByTestId("composer").focus();
  let isOver = false;
  const writing = write(product, ledger, { perSecond: storm.perSecond, seconds }).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await measured.page.keyboard.press("a");
    await delay(keyIntervalMs);
  }
  await writing;
  return { key_paint_p95_ms: percentile(await measured.ask<number[]>("probe.takeKeys()"), 95) };
}

/** Resolves when the newest message is stored and the page has nothing to do. Asking the page itself would cost it CPU time. */
async function untilArrived(measured: MeasuredPage, product: SeededProduct, ledger: Ledger): Promise<void> {
  await product.isStored(ledger.last);
  await measured.isIdle(arrivalTimeoutMs);
}

/** Compares what the page shows with what customers wrote. */
async function countLosses({ product, measured, ledger, log }: Scene): Promise<Figures> {
  await untilArrived(measured, product, ledger);
  const { longChat } = product;
  const written = ledger.of(longChat.id);
  const shown = await measured.ask<[string, string][]>(`probe.readBack("${bodyPrefix}", ${written.length})`);
  const bodies = new Set(shown.map(([, body]) => body));
  const lostMessages = written.filter((body) => !bodies.has(body));
  const newest = [...ledger.newest].filter(([id]) => id !== longChat.id);
  const rows = new Map(
    await measured.ask<[string, string][]>(`probe.readChats(${JSON.stringify(newest.map(([id]) => id))})`),
  );
  const staleChats = newest.filter(([id, body]) => !rows.get(id)?.includes(body));
  log(
    `${shown.length} of ${written.length} messages shown in the open chat; ${staleChats.length} of ${newest.length} other chats stale.`,
  );
  return { lost: lostMessages.length + staleChats.length, doubled: shown.length - bodies.size };
}
