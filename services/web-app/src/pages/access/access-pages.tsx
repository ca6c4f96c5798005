import { pagePaths } from "@syszap/contracts/constants";
import { QueryClientProvider } from "@tanstack/react-query";
import { Route, Routes } from "react-router";
import { queryClient } from "../../page/query-client.ts";
import { ForgotPasswordPage } from "./forgot-password-page.tsx";
import { InvitationPage } from "./invitation-page.tsx";
import { PasswordResetPage } from "./password-reset-page.tsx";

/** The pages that open without a login, by links in e-mails. */
export function AccessPages() {
  return (
    <QueryClientProvider client={queryClient}>
      <Routes>
        <Route path={pagePaths.invitation} element={<InvitationPage />} />
        <Route path={pagePaths.forgotPassword} element={<ForgotPasswordPage />} />
        <Route path={pagePaths.passwordReset} element={<PasswordResetPage />} />
      </Routes>
    </QueryClientProvider>
  );
}
