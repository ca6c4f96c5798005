import enApiKeys from "./en/api-keys.json";
import enAudit from "./en/audit.json";
import enConsumers from "./en/consumers.json";
import enPeople from "./en/people.json";
import enTeams from "./en/teams.json";
import ptApiKeys from "./pt-BR/api-keys.json";
import ptAudit from "./pt-BR/audit.json";
import ptConsumers from "./pt-BR/consumers.json";
import ptPeople from "./pt-BR/people.json";
import ptTeams from "./pt-BR/teams.json";

const ptBr = { "api-keys": ptApiKeys, audit: ptAudit, consumers: ptConsumers, people: ptPeople, teams: ptTeams };

/** Texts of the pages for managers and of the account, which load them. */
export const administration = {
  "pt-BR": ptBr,
  en: {
    "api-keys": enApiKeys,
    audit: enAudit,
    consumers: enConsumers,
    people: enPeople,
    teams: enTeams,
  } satisfies typeof ptBr,
};
