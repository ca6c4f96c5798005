import type { Api } from "./api-test.ts";

/** For changes that tests make without a request. */
export const operatorActor = { kind: "operator" } as const;

const credentials = { email: "olga@example.com", password: "a platform needs somebody" };

/** Creates the first operator and signs in. `bearer` and `cookie` are headers of the operator's requests. */
export async function signInFirstOperator(api: Api) {
  const { operators } = api.database.system;
  const passwordHash = await api.passwords.hash(credentials.password);
  await operators.createFirst({ email: credentials.email, name: "Olga", passwordHash });
  return signInOperator(api, credentials);
}

export async function signInOperator(api: Api, login: { email: string; password: string; newPassword?: string }) {
  const { body, headers } = await api.request.post("/v1/operator/login").send(login).expect(200);
  const [setCookie = ""] = headers["set-cookie"] as unknown as string[];
  return {
    id: body.operator.id as string,
    bearer: { Authorization: `Bearer ${body.accessToken}` },
    cookie: { Cookie: setCookie.split(";", 1)[0] ?? "" },
    setCookie,
  };
}
