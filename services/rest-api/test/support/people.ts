import type { AccountLink, Role } from "@syszap/contracts";
import type { Api, TestUser } from "./api-test.ts";

export const newPassword = "a river under seven bridges";

/** Gives each request its own network address, so that requests do not share rate limits. */
let addresses = 1;
export const newAddress = () => ({ "X-Forwarded-For": `198.51.100.${addresses++ % 250}` });

interface Person {
  email: string;
  name?: string;
  role?: Role;
  language?: "pt-BR" | "en";
}
export const invite = (api: Api, by: TestUser, { name = "Bia", role = "agent", ...person }: Person) =>
  api.request
    .post("/v1/users")
    .set(by.bearer)
    .send({ name, role, ...person });

/** The token of a link that is shown once. */
export function tokenOf({ link }: AccountLink): string {
  const token = link?.split("#")[1];
  if (token === undefined) throw new Error("the answer has no link");
  return token;
}

/** Signs in with a password. */
export async function signIn(api: Api, email: string, password: string, userAgent = "test") {
  const request = api.request.post("/v1/auth/login").set(newAddress()).set("User-Agent", userAgent);
  const { body, headers } = await request.send({ email, password }).expect(200);
  const cookie = (headers["set-cookie"] as unknown as string[])[0]?.split(";")[0] ?? "";
  return { bearer: { Authorization: `Bearer ${body.accessToken}` }, cookie };
}
