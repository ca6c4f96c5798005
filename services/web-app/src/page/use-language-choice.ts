import { useMutation } from "@tanstack/react-query";
import { chooseLanguage, type Language } from "../i18n/index.ts";
import { api, auth } from "./api.ts";

/** Shows a language, stores it on this device, and stores it in the account for e-mails and other devices. */
export const useLanguageChoice = () =>
  useMutation({
    mutationFn: async (language: Language) => {
      await chooseLanguage(language);
      auth.updateMe(await api.call("updateMe", { body: { language } }));
    },
  });
