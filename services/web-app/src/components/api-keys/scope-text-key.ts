import type { ApiKeyScope } from "@syszap/contracts";

/** The name of a scope's texts. i18next uses the colon as a separator. */
export const scopeTextKey = (scope: ApiKeyScope) => (scope === "manage:webhooks" ? "manage_webhooks" : scope);
