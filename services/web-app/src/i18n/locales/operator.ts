import enOperator from "./en/operator.json";
import ptOperator from "./pt-BR/operator.json";

const ptBr = { operator: ptOperator };

/** Texts of the operators' pages, which load them. */
export const operator = { "pt-BR": ptBr, en: { operator: enOperator } satisfies typeof ptBr };
