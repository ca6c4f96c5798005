import type { administration } from "./locales/administration.ts";
import type { operator } from "./locales/operator.ts";
import type { pagesPtBr } from "./locales/pages-pt-br.ts";
import type { ptBr } from "./locales/pt-br.ts";
import type { startPtBr } from "./locales/start-pt-br.ts";

type Texts = typeof startPtBr &
  typeof ptBr &
  typeof pagesPtBr &
  (typeof administration)["pt-BR"] &
  (typeof operator)["pt-BR"];

/** Makes `t()` accept existing keys only: `namespace:key`, or `key` alone for the namespace `common`. */
declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: readonly ["common", ...(keyof Texts)[]];
    resources: Texts;
  }
}
