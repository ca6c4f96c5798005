import type { Sendable } from "@syszap/contracts/constants";
import { BarChart3, ContactRound, File as FileIcon, MapPin, Paperclip } from "lucide-react";
import { Suspense, useRef } from "react";
import { useTranslation } from "react-i18next";
import { lazyPart } from "../../../../lib/lazy-part.ts";
import { Boundary } from "../../../ui/boundary.tsx";
import { Menu, MenuItem } from "../../../ui/menu.tsx";
import type { ContentDialogProps } from "./content-dialog.ts";

interface AttachProps {
  sends: readonly Sendable[];
  onFiles: (files: File[]) => void;
  /** Opens the dialog of a kind. */
  onKind: (kind: AttachedKind) => void;
}

const attachable = {
  contacts: { Icon: ContactRound, Dialog: lazyPart(async () => (await import("./contact-dialog.tsx")).ContactDialog) },
  location: { Icon: MapPin, Dialog: lazyPart(async () => (await import("./location-dialog.tsx")).LocationDialog) },
  poll: { Icon: BarChart3, Dialog: lazyPart(async () => (await import("./poll-dialog.tsx")).PollDialog) },
};
export type AttachedKind = keyof typeof attachable;
const kinds = Object.keys(attachable) as AttachedKind[];

/** A menu of what can be sent besides text. The engine's capabilities decide what it offers. */
export function Attach({ sends, onFiles, onKind }: AttachProps) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        data-testid="composer-attach"
        aria-label={t("sending:attachFile")}
        tabIndex={-1}
        className="sr-only"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = ""; // otherwise choosing the same file again fires no event
        }}
      />
      <Menu label={t("sending:attach")} icon={<Paperclip className="size-5" />} side="right" className="size-11">
        {(close) => (
          <>
            <MenuItem
              testId="attach-file"
              icon={<FileIcon className="size-4" />}
              onClick={() => {
                close();
                input.current?.click();
              }}
            >
              {t("sending:attachFile")}
            </MenuItem>
            {kinds
              .filter((kind) => sends.includes(kind))
              .map((kind) => {
                const { Icon } = attachable[kind];
                return (
                  <MenuItem
                    key={kind}
                    testId={`attach-${kind}`}
                    icon={<Icon className="size-4" />}
                    onClick={() => {
                      close();
                      onKind(kind);
                    }}
                  >
                    {t(`sending:attachKind.${kind}`)}
                  </MenuItem>
                );
              })}
          </>
        )}
      </Menu>
    </>
  );
}

/** The dialog of a kind. It has a form, so it must not be rendered inside another one. */
export function AttachDialog({ kind, ...props }: { kind: AttachedKind } & ContentDialogProps) {
  const { Dialog } = attachable[kind];
  return (
    <Boundary>
      <Suspense>
        <Dialog {...props} />
      </Suspense>
    </Boundary>
  );
}
