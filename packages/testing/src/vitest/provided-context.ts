/** Provided to tests by the global setup. All URLs name the template; tests replace the database name. */
export interface TestPostgres {
  template: string;
  adminUrl: string;
  ownerUrl: string;
  appUrl: string;
  systemUrl: string;
}

declare module "vitest" {
  interface ProvidedContext {
    testPostgres: TestPostgres;
  }
}
