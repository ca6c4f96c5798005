import type { Api } from "./api-test.ts";

/** For changes that tests make without a request. */
export const operatorActor = { kind: "operator" } as const;

export const operatorCredentials = { email: "olga@example.com", password: "a platform needs somebody" };

export async function createFirstOperator(api: Api): Promise<void> {
  const { email, password } = operatorCredentials;
  const passwordHash = await api.passwords.hash(password);
  await api.database.system.operators.createFirst({ email, name: "Olga", passwordHash });
}

/** Creates the first operator and signs in. `bearer` and `cookie` are headers of the operator's requests. */
export async function signInFirstOperator(api: Api) {
  await createFirstOperator(api);
  return signInOperator(api, operatorCredentials);
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
