/** SQL of promise 4, in the one form that every table of a tenant uses. Part of released migrations: don't edit, add. */
const currentCompany = "nullif(current_setting('app.company_id', true), '')::uuid";

/** Forced, so that it binds the table's owner too; without a policy a role sees nothing. */
export const enableRowSecurity = (table: string): string =>
  `alter table ${table} enable row level security, force row level security;`;

/** The app's role sees and writes rows of the transaction's company alone. */
export const companyPolicy = (table: string, privileges: string, column = "company_id"): string => `
  grant ${privileges} on ${table} to syszap_app;
  create policy ${table}_of_company on ${table} to syszap_app
    using (${column} = ${currentCompany}) with check (${column} = ${currentCompany});`;

/** The system's role works across companies, on this table. */
export const systemPolicy = (table: string, privileges: string, using = "true"): string => `
  grant ${privileges} on ${table} to syszap_system;
  create policy ${table}_across_companies on ${table} to syszap_system using (${using}) with check (${using});`;
