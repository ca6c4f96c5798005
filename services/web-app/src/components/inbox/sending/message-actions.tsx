import type { Message } from "@syszap/contracts";
import {
  deleteWindowMs,
  direction as directions,
  editWindowMs,
  messageKindOf,
  sentFileKinds,
} from "@syszap/contracts/constants";
import { CornerUpLeft, EllipsisVertical, Forward, Pencil, Trash2 } from "lucide-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { lazyPart } from "../../../lib/lazy-part.ts";
import { composerModes, pendingChanges } from "../../../page/state.ts";
import { Boundary } from "../../ui/boundary.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { Menu, MenuItem } from "../../ui/menu.tsx";

const ForwardDialog = lazyPart(async () => (await import("./forward-dialog.tsx")).ForwardDialog);

const emojis = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
const editableKinds = new Set(["text", "image", "video", "document"]);

/** The changes that WhatsApp accepts for the message now. The server and WhatsApp check again. */
function permitted({ direction, type, status, timestamp, body, context, content, media }: Message) {
  const isOwn = direction === directions.out && status !== "failed";
  const ageMs = Date.now() - Date.parse(timestamp);
  const kind = messageKindOf(type);
  const isFile = sentFileKinds.some((each) => each === kind);
  return {
    forward:
      !context?.isViewOnce &&
      (isFile ? media !== null : Boolean(content?.location ?? content?.contacts) || (kind === "text" && body !== "")),
    edit: isOwn && editableKinds.has(kind) && (kind === "text" || body !== "") && ageMs < editWindowMs,
    delete: isOwn && ageMs < deleteWindowMs,
  };
}

/** A button beside a message with a menu of actions on it. */
export function MessageActions({ message }: { message: Message }) {
  const { t } = useTranslation();
  const [isDeleting, setDeleting] = useState(false);
  const [isForwarding, setForwarding] = useState(false);
  const may = permitted(message);
  const own = message.reactions.find(({ From }) => From === "company")?.Emoji;
  const request = (change: "reaction" | "delete", body: string) =>
    pendingChanges.request({ chatId: message.chatId, messageId: message.id, change, body });
  return (
    <>
      <Menu
        label={t("sending:actions")}
        icon={<EllipsisVertical className="size-4" />}
        side={message.direction === directions.out ? "left" : "right"}
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
                    request("reaction", emoji === own ? "" : emoji);
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
                composerModes.begin("reply", message);
              }}
            >
              {t("sending:reply")}
            </MenuItem>
            {may.forward && (
              <MenuItem
                testId="action-forward"
                icon={<Forward className="size-4" />}
                onClick={() => {
                  close();
                  setForwarding(true);
                }}
              >
                {t("sending:forward")}
              </MenuItem>
            )}
            {may.edit && (
              <MenuItem
                testId="action-edit"
                icon={<Pencil className="size-4" />}
                onClick={() => {
                  close();
                  composerModes.begin("edit", message);
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
      {isForwarding && (
        <Boundary>
          <Suspense>
            <ForwardDialog message={message} onClose={() => setForwarding(false)} />
          </Suspense>
        </Boundary>
      )}
      {isDeleting && (
        <Confirm
          title={t("sending:deleteTitle")}
          text={t("sending:deleteText")}
          action={t("sending:delete")}
          onConfirm={() => request("delete", "")}
          onClose={() => setDeleting(false)}
        />
      )}
    </>
  );
}
