// @vitest-environment happy-dom
import { cleanup, render } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { RichText, splitLinks } from "../../src/components/ui/rich-text.tsx";

afterEach(cleanup);

test("keeps the text byte for byte, with and without links", () => {
  const bodies = [
    "  two  spaces\n\n\tand a tab ",
    "مرحبا https://example.com/a?b=c&d=é#f. שלום",
    "👩‍👩‍👧 (veja https://pt.wikipedia.org/wiki/Pato_(ave))…",
    "<b>https://x.example</b> & javascript:alert(1)",
    "",
  ];
  for (const body of bodies) {
    expect(
      splitLinks(body)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(body);
    expect(render(<RichText text={body} />).container.textContent).toBe(body);
  }
});

test("only web addresses become links, without the punctuation after them", () => {
  const linksOf = (text: string) => splitLinks(text).flatMap((piece) => piece.href ?? []);
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

test("takes linear time for long runs of punctuation, brackets and prefixes", () => {
  const length = 200_000; // the longest body that the server stores
  for (const unit of [".", ")", "(", "!a", "]x", ".,;:!?)]}x", "http://", "https://a.b/(", "http", " ", "’"]) {
    const body = `https://a.example/${unit.repeat(length / unit.length)}x`;
    // A quadratic scan takes 10^10 steps, which exceeds the time limit of the test by far.
    expect(
      splitLinks(body)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(body);
  }
});
