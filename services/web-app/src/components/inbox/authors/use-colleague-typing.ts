import { useTranslation } from "react-i18next";
import { colleaguesAmong, type Typist } from "../../../live/typing.ts";
import { useColleagues } from "../../../page/colleagues.ts";

/** Says which colleague is typing. Undefined if none is. */
export function useColleagueTyping(typists: readonly Typist[]): string | undefined {
  const { t } = useTranslation();
  const ids = colleaguesAmong(typists);
  const colleagues = useColleagues(ids);
  const [id] = ids;
  if (id === undefined) return undefined;
  const name = colleagues.shortNameOf(id);
  if (ids.length === 1 && name === undefined) return t("inbox:someoneTyping");
  return t("inbox:colleagueTyping", { count: ids.length, name });
}
