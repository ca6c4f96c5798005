import { cleanup, render } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { formatText, type Piece, plainText } from "../../src/components/ui/rich-text/formatting.ts";
import { linksIn } from "../../src/components/ui/rich-text/links.ts";
import { RichText } from "../../src/components/ui/rich-text/rich-text.tsx";

afterEach(cleanup);

test("keeps the text byte for byte, with and without links", () => {
  const bodies = [
    "  two  spaces\n\n\tand a tab ",
    "مرحبا https://example.com/a?b=c&d=é#f. שלום",
    "👩‍👩‍👧 (veja https://pt.wikipedia.org/wiki/Pato_(ave))…",
    "<b>https://x.example</b> & javascript:alert(1)",
    "",
  ];
  for (const body of bodies) expect(render(<RichText text={body} />).container.textContent).toBe(body);
});

/** The HTML without classes and without the hidden marks. */
function htmlOf(text: string): string {
  const { container } = render(<RichText text={text} />);
  expect(container.textContent).toBe(text);
  return container.innerHTML.replaceAll(/ class="[^"]*"/g, "").replaceAll(/<span hidden="">[^<]*<\/span>/g, "");
}

test.each([
  ["*negrito*", "<strong>negrito</strong>"],
  ["_itálico_ e ~riscado~", "<em>itálico</em> e <s>riscado</s>"],
  ["*_os dois_*", "<strong><em>os dois</em></strong>"],
  ["`código *sem* negrito`", "<code>código *sem* negrito</code>"],
  ["```\nbloco\n  *igual*\n```", "<code>bloco\n  *igual*</code>"],
  ["(*a*), *b*!", "(<strong>a</strong>), <strong>b</strong>!"],
  ["> citação\nfim", "<span>citação</span>fim"],
  ["* um\n- dois\n3. três", "<span>um</span><span>dois</span><span>3. três</span>"],
])("formats %j as WhatsApp does", (text, html) => {
  expect(htmlOf(text)).toBe(html);
});

test.each([
  "2*3*4",
  "a_b_c",
  "* solto",
  "**",
  "*aberto",
  "* a *",
  "*a\nb*",
  "_~*",
  "``` ```",
  "snake_case e 10*2",
  "*a*b",
  "https://x.example/a_b_c*d*",
  ">sem espaço",
  "1.5 litros",
])("leaves %j as it is, with at most links and lists marked", (text) => {
  const shown = render(<RichText text={text} />).container;
  expect(shown.querySelector("strong, em, s, code")).toBeNull();
  expect(shown.textContent).toBe(text);
});

const lengthOf = (pieces: Piece[]): number =>
  pieces.reduce((sum, piece) => sum + ("format" in piece ? lengthOf(piece.pieces) : piece.text.length), 0);

const parts = 16;
const maxSlowdown = 4;

/**
 * How many times longer `fn` takes for one text than for its 16 parts: about 1 for linear time, 16 for quadratic time. Both take about
 * as long and are measured in CPU time, so that other processes and the garbage collector affect them equally. Compares the fastest of
 * several runs, and runs more often while the result is too high. The text is short enough that quadratic time ends within seconds too.
 */
function slowdown(unit: string, fn: (text: string) => unknown): number {
  const part = unit.repeat(2_000 / unit.length);
  const whole = part.repeat(parts);
  const cpuOf = (run: () => void) => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  let [fastestParts, fastestWhole, spent] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
  const isDoubtful = () => spent < 3_000_000 && fastestWhole / fastestParts >= maxSlowdown;
  for (let run = 0; run < 5 || (run < 500 && isDoubtful()); run += 1) {
    const partsCpu = cpuOf(() => {
      for (let count = 0; count < parts; count += 1) fn(part);
    });
    const wholeCpu = cpuOf(() => fn(whole));
    fastestParts = Math.min(fastestParts, partsCpu);
    fastestWhole = Math.min(fastestWhole, wholeCpu);
    spent += wholeCpu;
  }
  return fastestWhole / fastestParts;
}

test("formats long texts in linear time", { timeout: 120_000 }, () => {
  for (const unit of [
    "*",
    "_",
    "~",
    "`",
    "*a",
    "*_~",
    " *a* ",
    "```",
    "> ",
    "* a\n",
    "`a",
    "*a*_b_",
    "1. ",
    "@1",
    "http://",
    "*(",
    "a*",
  ]) {
    const format = (text: string) => formatText(text, [{ text: "1", label: "@+1" }]);
    const lines = format(unit.repeat(100));
    expect(lines.reduce((sum, line) => sum + lengthOf(line.pieces), 0)).toBeGreaterThan(0);
    expect(slowdown(unit, format), unit).toBeLessThan(maxSlowdown);
  }
});

test("only web addresses become links, without the punctuation after them", () => {
  const linksOf = (text: string) => linksIn(text).flatMap(({ href }) => href ?? []);
  expect(linksOf("veja https://example.com/a, e (http://b.example).")).toEqual([
    "https://example.com/a",
    "http://b.example",
  ]);
  expect(linksOf("https://pt.wikipedia.org/wiki/Pato_(ave)")).toEqual(["https://pt.wikipedia.org/wiki/Pato_(ave)"]);
  expect(linksOf("javascript:alert(1) data:text/html,x ftp://x.example example.com http://")).toEqual([]);
});

test("a link opens in a new tab and has no opener", () => {
  const { container } = render(<RichText text="https://example.com" />);
  const link = container.querySelector("a");
  expect(link?.getAttribute("rel")).toContain("noopener");
  expect(link?.target).toBe("_blank");
});

test("takes linear time for long runs of punctuation, brackets and prefixes", { timeout: 120_000 }, () => {
  for (const unit of [".", ")", "(", "!a", "]x", ".,;:!?)]}x", "http://", "https://a.b/(", "http", " ", "’"]) {
    const find = (run: string) => {
      const body = `https://a.example/${run}x`;
      return linksIn(body).every(({ from, to }) => from < to && to <= body.length);
    };
    expect(find(unit.repeat(100))).toBe(true);
    expect(slowdown(unit, find), unit).toBeLessThan(maxSlowdown);
  }
});

test("a preview is one line without the characters that mark formatting", () => {
  expect(plainText("Bom *dia*, _Ana_!\n- pão\n> ontem\n```x * y```")).toBe("Bom dia, Ana! - pão ontem x * y");
  expect(plainText("2 * 3 e https://example.com/a_b_c")).toBe("2 * 3 e https://example.com/a_b_c");
});
