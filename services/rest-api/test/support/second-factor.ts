import { Authenticator } from "@syszap/testing";
import { type Api, newUser, password, type TestUser } from "./api-test.ts";
import { asOwner } from "./as-owner.ts";

let addresses = 1;
/** A network address that no other test of the file uses, so that tests do not share limits. */
export const newAddress = () => ({ "X-Forwarded-For": `198.51.100.${addresses++}` });

export interface ProtectedUser extends TestUser {
  app: Authenticator;
  recoveryCodes: string[];
}

/** Creates a user who has turned the second factor on. */
export async function newProtectedUser(api: Api, role: TestUser["role"] = "owner", companyId?: string) {
  const user = await newUser(api, role, companyId);
  return { ...user, ...(await turnOn(api, user)) } satisfies ProtectedUser;
}

export async function turnOn(api: Api, user: TestUser) {
  const setup = await api.request.post("/v1/me/second-factor/setup").set(user.bearer).send({ password }).expect(200);
  const app = new Authenticator(setup.body.secret);
  const { body } = await api.request
    .post("/v1/me/second-factor/activate")
    .set(user.bearer)
    .send({ code: app.next() })
    .expect(200);
  return { app, recoveryCodes: body.recoveryCodes as string[] };
}

export const logIn = (api: Api, user: { email: string }, from: Record<string, string> = newAddress()) =>
  api.request.post("/v1/auth/login").set(from).send({ email: user.email, password });

/** Signs in with the password and returns the challenge. */
export async function challengeOf(api: Api, user: { email: string }): Promise<string> {
  const { body } = await logIn(api, user).expect(200);
  return body.challenge;
}

export const enterCode = (api: Api, challenge: string, code: string, from: Record<string, string> = newAddress()) =>
  api.request.post("/v1/auth/login/second-factor").set(from).send({ challenge, code });

/** Makes the second factor a rule for owners and admins of the company. */
export const requireOfManagers = (ownerUrl: string, companyId: string) =>
  asOwner(ownerUrl, "update companies set require_second_factor = 'managers' where id = $1", [companyId]);
