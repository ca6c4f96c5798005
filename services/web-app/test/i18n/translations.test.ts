import i18next from "i18next";
import { expect, test } from "vitest";
import { administration } from "../../src/i18n/locales/administration.ts";
import { en as mainEn } from "../../src/i18n/locales/en.ts";
import { operator } from "../../src/i18n/locales/operator.ts";
import { pagesEn } from "../../src/i18n/locales/pages-en.ts";
import { pagesPtBr } from "../../src/i18n/locales/pages-pt-br.ts";
import { ptBr as mainPtBr } from "../../src/i18n/locales/pt-br.ts";
import { startEn } from "../../src/i18n/locales/start-en.ts";
import { startPtBr } from "../../src/i18n/locales/start-pt-br.ts";

const en = { ...startEn, ...mainEn, ...pagesEn, ...administration.en, ...operator.en };
const ptBr = { ...startPtBr, ...mainPtBr, ...pagesPtBr, ...administration["pt-BR"], ...operator["pt-BR"] };

type Texts = { [key: string]: string | Texts };

/** Every key of every namespace with its text, such as `["linking.qr.title", "Connect {{name}}"]`. */
const flatten = (texts: Texts, prefix = ""): [string, string][] =>
  Object.entries(texts).flatMap(([key, value]) =>
    typeof value === "string" ? [[prefix + key, value] as [string, string]] : flatten(value, `${prefix}${key}.`),
  );
const placeholders = (text: string): string[] => (text.match(/\{\{\w+\}\}/g) ?? []).toSorted();

test("both languages have the same keys", () => {
  const keys = (texts: Texts) => flatten(texts).map(([key]) => key);
  expect(keys(en).toSorted()).toEqual(keys(ptBr).toSorted());
});

test("both languages fill in the same values in each text", () => {
  const portuguese = new Map(flatten(ptBr));
  for (const [key, text] of flatten(en))
    expect([key, placeholders(text)]).toEqual([key, placeholders(portuguese.get(key) ?? "")]);
});

test("a key that does not exist does not compile", () => {
  // @ts-expect-error: there is no such key
  i18next.t("inbox:noSuchKey");
  // @ts-expect-error: a namespace is required outside `common`
  i18next.t("composer");
});
