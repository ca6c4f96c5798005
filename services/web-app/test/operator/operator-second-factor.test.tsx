import { problemTypes } from "@syszap/contracts/constants";
import { fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { auth } from "../../src/operator/operator-api.ts";
import { OperatorLogin } from "../../src/operator/operator-login.tsx";
import { OperatorAccountPage } from "../../src/operator/pages/operator-account-page.tsx";
import { newId } from "../support/builders.ts";
import { asOperator } from "../support/operator.ts";
import { preparePage } from "../support/page.tsx";

const { answerWith, called, show } = preparePage();
const operator = { id: newId(), email: "olga@example.com", name: "Olga" };
const tokens = { accessToken: "t", expiresInSeconds: 3_600, loginExpiresAt: new Date(0).toISOString(), operator };
const setup = { secret: "ABCDEFGH", uri: "otpauth://totp/x", qrCode: "data:image/png;base64,AA" };

const fill = (testId: string, value: string) => fireEvent.change(screen.getByTestId(testId), { target: { value } });
const press = (testId: string) => fireEvent.click(screen.getByTestId(testId));

function enterPassword() {
  fill("login-email", operator.email);
  fill("login-password", "one time only");
  press("login-submit");
}

test("an operator replaces the one-time password, sets up the required second factor, and is signed in", async () => {
  answerWith(({ path, body }) => {
    if (path === "/v1/operator/login")
      return "newPassword" in (body as object)
        ? { body: { secondFactor: "setup_required", challenge: "c", expiresInSeconds: 900 } }
        : { status: 403, body: problemTypes.password_change_required };
    if (path === "/v1/operator/login/second-factor/setup") return { body: setup };
    if (path !== "/v1/operator/login/second-factor/activate") return undefined;
    return { body: { ...tokens, recoveryCodes: ["aaaa-bbbb-cccc-dddd"] } };
  });
  auth.expire();
  show(<OperatorLogin wasExpired={false} />);
  enterPassword();
  await screen.findByTestId("operator-new-password");
  fill("operator-new-password", "my own password");
  press("operator-new-password-save");
  expect(await screen.findByText(/Operadores precisam de um segundo fator/)).toBeDefined();
  press("second-factor-start");
  await screen.findByTestId("second-factor-qr");
  fill("second-factor-code", "123456");
  press("second-factor-submit");
  fireEvent.click(await screen.findByTestId("recovery-codes-kept"));
  expect(auth.state.get()).toEqual({ kind: "signed_in", operator });
});

test("an operator with a second factor enters a code after the password", async () => {
  answerWith(({ path }) => {
    if (path === "/v1/operator/login")
      return { body: { secondFactor: "code_required", challenge: "c", expiresInSeconds: 300 } };
    return path === "/v1/operator/login/second-factor" ? { body: tokens } : undefined;
  });
  auth.expire();
  show(<OperatorLogin wasExpired={false} />);
  enterPassword();
  await screen.findByTestId("second-factor-code");
  fill("second-factor-code", "123456");
  press("second-factor-submit");
  expect((await called("/v1/operator/login/second-factor")).body).toEqual({ challenge: "c", code: "123456" });
  await expect.poll(() => auth.state.get().kind).toBe("signed_in");
});

test("the operator's account says why a required second factor stays on", async () => {
  const state = { isOn: true, isRequired: true, activatedAt: new Date(0).toISOString(), recoveryCodesLeft: 10 };
  answerWith(asOperator(({ path }) => (path === "/v1/operator/me/second-factor" ? { body: state } : undefined)));
  show(<OperatorAccountPage operator={operator} />);
  expect(await screen.findByText(/Operadores precisam do segundo fator/)).toBeDefined();
  expect(screen.queryByTestId("second-factor-off")).toBeNull();
  expect(screen.queryByTestId("second-factor-rule")).toBeNull();
});
