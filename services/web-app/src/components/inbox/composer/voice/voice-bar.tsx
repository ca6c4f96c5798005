import { useWebSocket } from "@syszap/client-react";
import { Mic, Pause, SendHorizontal, Trash2, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { clockOf } from "../../../../lib/clock-of.ts";
import { useStore } from "../../../../lib/store.ts";
import { IconButton } from "../../../ui/button.tsx";
import { Waveform } from "../../content/waveform.tsx";
import { Recording } from "./recording.ts";

/** A typing notice ends after 10 seconds unless it is repeated. */
const noticeMs = 4_000;

interface VoiceBarProps {
  chatId: string;
  onSend: (file: File) => void;
  /** Receives a recording that was neither sent nor discarded, because another chat was opened. */
  onKeep: (file: File) => void;
  onClose: () => void;
}

/** Records a voice message in place of the composer's field. It starts at once; the focus is on the button that sends. */
export function VoiceBar({ chatId, onSend, onKeep, onClose }: VoiceBarProps) {
  const { t } = useTranslation();
  const name = t("message:kind.voice");
  const [recording, setRecording] = useState<Recording>();
  const keep = useRef<(file: File) => void>(onKeep);
  useEffect(() => {
    keep.current = onKeep;
  });
  useEffect(() => {
    const started = new Recording();
    setRecording(started);
    void started.start();
    return () => void started.finish(name).then((file) => file && keep.current(file));
  }, [name]);
  if (!recording) return null;
  return (
    <RecordingBar
      chatId={chatId}
      recording={recording}
      onClose={() => {
        recording.discard();
        onClose();
      }}
      onSend={async () => {
        const file = await recording.finish(name);
        if (file) onSend(file);
        onClose();
      }}
    />
  );
}

interface RecordingBarProps {
  chatId: string;
  recording: Recording;
  onSend: () => Promise<void>;
  onClose: () => void;
}

function RecordingBar({ chatId, recording, onSend, onClose }: RecordingBarProps) {
  const { t } = useTranslation();
  const { step, seconds, levels } = useStore(recording.store);
  const sendButton = useRef<HTMLButtonElement>(null);
  const isRecording = step === "recording";
  const isReady = isRecording || step === "paused";
  useRecordingNotice(chatId, isRecording);
  useEffect(() => {
    if (isReady) sendButton.current?.focus();
  }, [isReady]);
  if (step === "refused" || step === "noMicrophone" || step === "failed")
    return (
      <div className="flex min-h-11 min-w-0 flex-1 items-center gap-2">
        <p role="alert" className="min-w-0 flex-1 text-danger text-sm">
          {t(`sending:voice.${step}`)}
        </p>
        <IconButton label={t("common:close")} onClick={onClose}>
          <X className="size-5" />
        </IconButton>
      </div>
    );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of buttons, not of fields
    <div
      role="group"
      aria-label={t("sending:voice.title")}
      data-testid="voice-bar"
      className="flex min-h-11 min-w-0 flex-1 items-center gap-1 sm:gap-2"
    >
      <IconButton label={t("sending:voice.discard")} data-testid="voice-discard" onClick={onClose}>
        <Trash2 className="size-5" />
      </IconButton>
      <p className="flex items-center gap-2 text-sm tabular-nums">
        <span role="status" className="sr-only">
          {t(`sending:voice.${step}`)}
        </span>
        <span
          aria-hidden="true"
          className={`size-2.5 rounded-full ${isRecording ? "animate-pulse bg-danger" : "bg-muted"}`}
        />
        {clockOf(seconds)}
      </p>
      <span className="min-w-0 flex-1">
        <Waveform levels={levels} played={1} />
      </span>
      <IconButton
        label={t(isRecording ? "sending:voice.pause" : "sending:voice.resume")}
        data-testid="voice-pause"
        disabled={!isReady}
        onClick={() => (isRecording ? recording.pause() : recording.resume())}
      >
        {isRecording ? <Pause className="size-5" /> : <Mic className="size-5" />}
      </IconButton>
      <button
        ref={sendButton}
        type="button"
        data-testid="voice-send"
        aria-label={t("sending:voice.send")}
        title={t("sending:voice.send")}
        disabled={!isReady}
        onClick={() => void onSend()}
        className="grid size-11 shrink-0 place-items-center rounded-full bg-accent text-on-accent transition-colors hover:bg-accent-strong disabled:bg-sunken disabled:text-muted"
      >
        <SendHorizontal className="size-5" />
      </button>
    </div>
  );
}

/** Shows the customer and colleagues that a voice message is being recorded. */
function useRecordingNotice(chatId: string, isRecording: boolean): void {
  const { send } = useWebSocket();
  useEffect(() => {
    if (!isRecording) return;
    const notify = () => send("typing", { chatId, state: "recording" });
    notify();
    const timer = setInterval(notify, noticeMs);
    return () => {
      clearInterval(timer);
      send("typing", { chatId, state: "paused" });
    };
  }, [chatId, isRecording, send]);
}
