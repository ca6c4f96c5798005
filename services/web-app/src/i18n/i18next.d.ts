import type { ptBr } from "./locales/pt-br.ts";

/** Makes `t()` accept existing keys only: `namespace:key`, or `key` alone for the namespace `common`. */
declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: readonly ["common", ...(keyof typeof ptBr)[]];
    resources: typeof ptBr;
  }
}
