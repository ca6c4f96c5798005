import { act, fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { SecondFactorSection } from "../../src/components/second-factor/second-factor-section.tsx";
import { auth } from "../../src/page/api.ts";
import { LoginPage } from "../../src/pages/login-page.tsx";
import { preparePage } from "../support/page.tsx";

const { answerWith, calls, me, show } = preparePage();
const setup = {
  secret: "ABCDEFGHABCDEFGHABCDEFGHABCDEFGH",
  uri: "otpauth://totp/x",
  qrCode: "data:image/png;base64,AA",
};
const recoveryCodes = ["aaaa-bbbb-cccc-dddd", "eeee-ffff-gggg-hhhh"];
const tokens = { accessToken: "t", expiresInSeconds: 600, me };
const wrongCode = { type: "/problems/wrong-code", status: 422, title: "The code is wrong" };

const fill = (testId: string, value: string) => fireEvent.change(screen.getByTestId(testId), { target: { value } });
const press = (testId: string) => fireEvent.click(screen.getByTestId(testId));
const bodyOf = (path: string) => calls.find((call) => call.path === path)?.body;

async function enterPassword() {
  fill("login-email", me.email);
  fill("login-password", "secret");
  press("login-submit");
}

test("asks for a code after the password, and signs in with it", async () => {
  answerWith(({ path, body }) => {
    if (path === "/v1/auth/login")
      return { body: { secondFactor: "code_required", challenge: "c", expiresInSeconds: 300 } };
    if (path !== "/v1/auth/login/second-factor") return undefined;
    return (body as { code: string }).code === "123456" ? { body: tokens } : { status: 422, body: wrongCode };
  });
  show(<LoginPage wasExpired={false} />);
  await enterPassword();
  const input = await screen.findByTestId("second-factor-code");
  expect(input.getAttribute("autocomplete")).toBe("one-time-code");
  expect(input.getAttribute("inputmode")).toBe("numeric");
  fill("second-factor-code", "000000");
  screen.getByTestId("second-factor-submit").focus();
  press("second-factor-submit");
  expect((await screen.findByRole("alert")).textContent).toContain("não vale");
  expect(document.activeElement).toBe(input);
  fill("second-factor-code", "123456");
  await act(async () => press("second-factor-submit"));
  await expect.poll(() => auth.state.get().kind).toBe("signed_in");
});

test("offers a recovery code, and the way back to the password", async () => {
  answerWith(({ path }) =>
    path === "/v1/auth/login"
      ? { body: { secondFactor: "code_required", challenge: "c", expiresInSeconds: 300 } }
      : undefined,
  );
  show(<LoginPage wasExpired={false} />);
  await enterPassword();
  await screen.findByTestId("second-factor-code");
  press("second-factor-other");
  expect(screen.getByTestId("second-factor-code").getAttribute("inputmode")).toBe("text");
  press("second-factor-back");
  expect(screen.getByTestId("login-email")).toBeTruthy();
});

test("sets up a required second factor, and signs in after the recovery codes were shown", async () => {
  answerWith(({ path }) => {
    if (path === "/v1/auth/login")
      return { body: { secondFactor: "setup_required", challenge: "c", expiresInSeconds: 900 } };
    if (path === "/v1/auth/login/second-factor/setup") return { body: setup };
    if (path === "/v1/auth/login/second-factor/activate") return { body: { ...tokens, recoveryCodes } };
    return undefined;
  });
  auth.expire();
  show(<LoginPage wasExpired={false} />);
  await enterPassword();
  fireEvent.click(await screen.findByTestId("second-factor-start"));
  expect((await screen.findByTestId("second-factor-qr")).getAttribute("src")).toBe(setup.qrCode);
  expect(screen.getByTestId("second-factor-secret").textContent?.replaceAll(" ", "")).toBe(setup.secret);
  fill("second-factor-code", "123456");
  press("second-factor-submit");
  expect((await screen.findByTestId("recovery-codes")).children).toHaveLength(2);
  expect(auth.state.get().kind).toBe("signed_out");
  press("recovery-codes-kept");
  expect(auth.state.get().kind).toBe("signed_in");
});

test("turns the second factor on with the password and a code, and shows the recovery codes once", async () => {
  let isOn = false;
  answerWith(({ path }) => {
    if (path === "/v1/me/second-factor")
      return {
        body: {
          isOn,
          isRequired: false,
          activatedAt: isOn ? new Date(0).toISOString() : null,
          recoveryCodesLeft: isOn ? 10 : 0,
        },
      };
    if (path === "/v1/me/second-factor/setup") return { body: setup };
    if (path !== "/v1/me/second-factor/activate") return undefined;
    isOn = true;
    return { body: { recoveryCodes } };
  });
  show(<SecondFactorSection />);
  fireEvent.click(await screen.findByTestId("second-factor-on"));
  fill("second-factor-password", "secret");
  press("second-factor-continue");
  await screen.findByTestId("second-factor-qr");
  expect(bodyOf("/v1/me/second-factor/setup")).toEqual({ password: "secret" });
  fill("second-factor-code", "123 456");
  press("second-factor-submit");
  expect((await screen.findByTestId("recovery-codes")).textContent).toContain(recoveryCodes[0]);
  press("recovery-codes-kept");
  expect(await screen.findByTestId("second-factor-off")).toBeTruthy();
  expect(screen.queryByTestId("recovery-codes")).toBeNull();
});

test("lets owners and admins with a second factor require it in the company", async () => {
  const state = { isOn: true, isRequired: false, activatedAt: new Date(0).toISOString(), recoveryCodesLeft: 10 };
  const settings = { id: me.companyId, name: "Padaria", agentsSee: "team" };
  answerWith(({ path, method }) => {
    if (path === "/v1/me/second-factor") return { body: state };
    if (path !== "/v1/company") return undefined;
    return { body: { ...settings, requireSecondFactor: method === "PATCH" ? "managers" : "none" } };
  });
  show(<SecondFactorSection />);
  const box = (await screen.findByTestId("second-factor-rule")) as HTMLInputElement;
  await expect.poll(() => box.disabled).toBe(false);
  fireEvent.click(box);
  await expect
    .poll(() => calls.find(({ method }) => method === "PATCH")?.body)
    .toEqual({ requireSecondFactor: "managers" });
  await expect.poll(() => box.checked && !box.disabled).toBe(true);
});

test("does not offer to turn off a second factor that the company requires", async () => {
  const state = { isOn: true, isRequired: true, activatedAt: new Date(0).toISOString(), recoveryCodesLeft: 1 };
  answerWith(({ path }) => (path === "/v1/me/second-factor" ? { body: state } : undefined));
  show(<SecondFactorSection />);
  expect((await screen.findByTestId("second-factor-state")).textContent).toContain("ligado");
  expect(screen.getByText("Resta 1 código de recuperação.")).toBeTruthy();
  expect(screen.queryByTestId("second-factor-off")).toBeNull();
});
