/** SQL for tenant isolation (promise 4), which every table of a tenant uses. Part of released migrations: do not edit it, add to it. */
const currentCompany = "nullif(current_setting('app.company_id', true), '')::uuid";

/** Forced, so that it also applies to the owner of the table. A role without a policy sees no rows. */
export const enableRowSecurity = (table: string): string =>
  `alter table ${table} enable row level security, force row level security;`;

/** The app role may access only rows of the transaction's company. */
export const companyPolicy = (table: string, privileges: string, column = "company_id"): string => `
  grant ${privileges} on ${table} to syszap_app;
  create policy ${table}_of_company on ${table} to syszap_app
    using (${column} = ${currentCompany}) with check (${column} = ${currentCompany});`;

/** The system role may access rows of all companies in this table. */
export const systemPolicy = (table: string, privileges: string, using = "true"): string => `
  grant ${privileges} on ${table} to syszap_system;
  create policy ${table}_across_companies on ${table} to syszap_system using (${using}) with check (${using});`;
