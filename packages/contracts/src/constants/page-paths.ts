/** Paths of the pages that links in e-mails open. The token of a link follows after `#`, so that it reaches no server and no log. */
export const pagePaths = {
  invitation: "/invitation",
  forgotPassword: "/forgot-password",
  passwordReset: "/password-reset",
} as const;
