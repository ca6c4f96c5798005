import { deleteWindowMs, editWindowMs, type Message } from "@syszap/contracts";
import { CornerUpLeft, EllipsisVertical, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { kindOf } from "../../../live/event-mapping.ts";
import { composing, messageOrders } from "../../../page/state.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { Menu, MenuItem } from "../../ui/menu.tsx";

const emojis = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
const editable = new Set(["text", "image", "video", "document"]);

/** What WhatsApp lets our side do to the message now; the server and WhatsApp have the last word. */
function permitted({ direction, type, status, timestamp, body }: Message) {
  const isOurs = direction === 1 && status !== "failed";
  const ageMs = Date.now() - Date.parse(timestamp);
  const kind = kindOf(type);
  return {
    edit: isOurs && editable.has(kind) && (kind === "text" || body !== "") && ageMs < editWindowMs,
    delete: isOurs && ageMs < deleteWindowMs,
  };
}

/** Everything that can be done to one message, behind one button beside it. */
export function MessageActions({ message }: { message: Message }) {
  const { t } = useTranslation();
  const [isDeleting, setDeleting] = useState(false);
  const may = permitted(message);
  const own = message.reactions.find(({ From }) => From === "company")?.Emoji;
  const order = (change: "reaction" | "delete", body: string) =>
    messageOrders.ask({ chatId: message.chatId, messageId: message.id, change, body });
  return (
    <>
      <Menu
        label={t("sending:actions")}
        icon={<EllipsisVertical className="size-4" />}
        side={message.direction === 1 ? "left" : "right"}
        className="opacity-0 transition-opacity focus-visible:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100"
      >
        {(close) => (
          <>
            {/* biome-ignore lint/a11y/useSemanticElements: a group of menu items, not of fields */}
            <div role="group" aria-label={t("sending:react")} className="flex gap-0.5 border-line border-b pb-1">
              {emojis.map((emoji) => (
                <button
                  key={emoji}
                  type="button"
                  role="menuitem"
                  tabIndex={-1}
                  aria-label={t(emoji === own ? "sending:takeBack" : "sending:reactWith", { emoji })}
                  onClick={() => {
                    order("reaction", emoji === own ? "" : emoji);
                    close();
                  }}
                  className={`grid size-9 place-items-center rounded-full text-lg hover:bg-hover focus-visible:bg-hover ${emoji === own ? "bg-accent-soft" : ""}`}
                >
                  {emoji}
                </button>
              ))}
            </div>
            <MenuItem
              testId="action-reply"
              icon={<CornerUpLeft className="size-4" />}
              onClick={() => {
                close();
                composing.begin("reply", message);
              }}
            >
              {t("sending:reply")}
            </MenuItem>
            {may.edit && (
              <MenuItem
                testId="action-edit"
                icon={<Pencil className="size-4" />}
                onClick={() => {
                  close();
                  composing.begin("edit", message);
                }}
              >
                {t("sending:edit")}
              </MenuItem>
            )}
            {may.delete && (
              <MenuItem
                testId="action-delete"
                isDanger
                icon={<Trash2 className="size-4" />}
                onClick={() => {
                  close();
                  setDeleting(true);
                }}
              >
                {t("sending:delete")}
              </MenuItem>
            )}
          </>
        )}
      </Menu>
      {isDeleting && (
        <Confirm
          title={t("sending:deleteTitle")}
          text={t("sending:deleteText")}
          action={t("sending:delete")}
          onConfirm={() => order("delete", "")}
          onClose={() => setDeleting(false)}
        />
      )}
    </>
  );
}
