/** Given to tests by the global setup. The URLs are those of the template: only their database name changes. */
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
