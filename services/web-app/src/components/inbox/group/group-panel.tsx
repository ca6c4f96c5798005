import type { Chat, ChatGroup, GroupParticipant } from "@syszap/contracts";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { avatarOf } from "../../../i18n/client-name.ts";
import { describeError } from "../../../i18n/errors.ts";
import { useParticipantName } from "../../../i18n/participant-name.ts";
import { useNumberFormat } from "../../../i18n/phone-numbers.ts";
import { api } from "../../../page/api.ts";
import { useParticipants } from "../../../page/queries.ts";
import { storeChat } from "../../../page/state.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { Modal } from "../../ui/modal.tsx";
import { QueryData } from "../../ui/states.tsx";
import { Toggle } from "../../ui/toggle.tsx";

interface GroupPanelProps {
  chat: Chat;
  group: ChatGroup;
  onClose: () => void;
}

/** A group's participants, and the switch for notices about all of its messages. */
export function GroupPanel({ chat, group, onClose }: GroupPanelProps) {
  const { t } = useTranslation();
  const query = useParticipants(chat.id, true);
  const setNotices = useMutation({
    mutationFn: (notifyAll: boolean) => api.call("setChatNotices", { params: { id: chat.id }, body: { notifyAll } }),
    onSuccess: storeChat,
    onError: (failure) => toast.error(describeError(failure, t)),
  });
  return (
    <Modal title={t("inbox:group.title")} onClose={onClose} testId="group-panel">
      <div className="mb-4 flex items-center gap-3">
        <Avatar {...avatarOf(t, chat)} className="size-14 text-lg" />
        <p dir="auto" className="min-w-0 font-semibold [overflow-wrap:anywhere]">
          {group.subject || t("inbox:group.noSubject")}
        </p>
      </div>
      <Toggle
        label={t("inbox:group.notifyAll")}
        testId="group-notify-all"
        isOn={setNotices.isPending ? setNotices.variables : group.notifyAll}
        onChange={(isOn) => setNotices.mutate(isOn)}
      />
      <p className="mb-5 text-muted text-sm">{t("inbox:group.notifyAllText")}</p>
      <h3 className="mb-2 font-medium text-muted text-sm">
        {t("inbox:group.participants", { count: query.data?.length ?? group.participantCount })}
      </h3>
      <QueryData query={query}>
        {(participants) => (
          <ul className="grid max-h-[50dvh] overflow-y-auto">
            {participants.map((participant, index) => (
              <ParticipantRow key={participant.number ?? index} participant={participant} />
            ))}
          </ul>
        )}
      </QueryData>
    </Modal>
  );
}

function ParticipantRow({ participant }: { participant: GroupParticipant }) {
  const { t } = useTranslation();
  const formatNumber = useNumberFormat();
  const name = useParticipantName()(participant);
  const { number, role } = participant;
  return (
    <li data-testid="group-participant" className="flex items-center gap-3 py-2">
      <Avatar name={participant.name ?? ""} pictureUrl={null} className="size-9 text-xs" />
      <span className="min-w-0 flex-1">
        <span dir="auto" className="block truncate">
          {name}
        </span>
        {participant.name !== null && number !== null && (
          <span className="block text-muted text-xs">{formatNumber(number)}</span>
        )}
      </span>
      {role !== "member" && (
        <span className="shrink-0 rounded-full bg-accent-soft px-2 py-0.5 text-accent text-xs">
          {t(`inbox:group.role.${role}`)}
        </span>
      )}
    </li>
  );
}
