import type { TFunction } from "i18next";

/** The name under which a client is shown. WhatsApp hides the numbers of some people, who may have no name either. */
export const clientName = (t: TFunction, name: string): string => name || t("clients:hiddenNumber");
