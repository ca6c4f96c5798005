import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { languageOf } from "../../../../i18n/index.ts";
import { loadEmojis } from "./emoji-data.ts";

/** All emoji with names in the user's language; read when they are wanted for the first time. */
export function useEmojis(isWanted: boolean) {
  const { i18n } = useTranslation();
  const language = languageOf(i18n.language);
  return useQuery({
    queryKey: ["emojis", language],
    queryFn: () => loadEmojis(language),
    enabled: isWanted,
    gcTime: Number.POSITIVE_INFINITY,
  });
}
