import type { pagePaths } from "@syszap/contracts/constants";
import { QueryClientProvider } from "@tanstack/react-query";
import type { ComponentType } from "react";
import { queryClient } from "../../page/query-client.ts";
import { ForgotPasswordPage } from "./forgot-password-page.tsx";
import { InvitationPage } from "./invitation-page.tsx";
import { PasswordResetPage } from "./password-reset-page.tsx";

/** The pages that open without a login, by links in e-mails. */
export type AccessPageName = Extract<keyof typeof pagePaths, "invitation" | "forgotPassword" | "passwordReset">;

const pages: Record<AccessPageName, ComponentType> = {
  invitation: InvitationPage,
  forgotPassword: ForgotPasswordPage,
  passwordReset: PasswordResetPage,
};

export function AccessPage({ name }: { name: AccessPageName }) {
  const Page = pages[name];
  return (
    <QueryClientProvider client={queryClient}>
      <Page />
    </QueryClientProvider>
  );
}
