import type { Session, SessionQr } from "@syszap/contracts";
import { engines } from "@syszap/contracts/constants";
import type { TFunction } from "i18next";
import { CircleCheck, LoaderCircle, QrCode, RotateCw, Smartphone, TriangleAlert } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useNumberFormat } from "../../i18n/phone-numbers.ts";
import { describeReason } from "../../i18n/reasons.ts";
import { api } from "../../page/api.ts";
import { useSessionQr } from "../../page/queries.ts";
import { Button } from "../ui/button.tsx";
import { Modal } from "../ui/modal.tsx";
import { PhonePairing } from "./phone-pairing.tsx";
import { useSecondsUntil } from "./use-seconds-until.ts";
import { useSessionAction } from "./use-session-action.ts";

interface QrModalProps {
  session: Session;
  onClose: () => void;
}

/** Shows each step of linking a phone, from "Connect" to connected, and then closes. The steps arrive as events. */
export function QrModal({ session, onClose }: QrModalProps) {
  const { t } = useTranslation();
  const formatNumber = useNumberFormat();
  const [method, setMethod] = useState<"qr" | "phone">("qr");
  const { data: qr } = useSessionQr(session.id, session.status === "qr");
  const connect = useSessionAction((id) => api.call("connectSession", { params: { id } }));
  const { mutate } = connect;
  const wasStarted = useRef(false);
  // The session's state before the request does not belong to this attempt.
  const [detailBefore, setDetailBefore] = useState(session.detail);
  const [hasStarted, setStarted] = useState(false);

  useEffect(() => {
    if (wasStarted.current) return;
    wasStarted.current = true;
    if (session.status === "disconnected") mutate(session.id);
  }, [session.id, session.status, mutate]);

  useEffect(() => {
    if (session.status !== "disconnected") setStarted(true);
    if (session.status !== "connected") return;
    toast.success(t("sessions:connectedNotice"), { description: session.name });
    onClose();
  }, [session.status, session.name, onClose, t]);

  const hasEnded = session.status === "disconnected" && (hasStarted || session.detail !== detailBefore);
  const retry = () => {
    setDetailBefore(session.detail);
    setStarted(false);
    mutate(session.id);
  };
  const needsPasskey = hasEnded && !connect.isError && session.reason === "passkey_required";
  const texts = method === "qr" ? "linking:qr" : "linking:pairing";
  return (
    <Modal
      title={t("linking:qr.title", { name: session.name })}
      onClose={onClose}
      testId="qr-modal"
      className="max-w-2xl"
    >
      <div className="grid items-center gap-6 sm:grid-cols-[1fr_17rem]">
        <ol className="order-2 grid gap-4 sm:order-1">
          {needsPasskey ? (
            <PasskeySteps />
          ) : (
            [t("linking:qr.step1"), t(`${texts}.step2`), t(`${texts}.step3`)].map((step, index) => (
              <Step key={step} number={index + 1} text={step} />
            ))
          )}
          {!hasEnded && engines[session.engine].capabilities.pairingByPhoneNumber && (
            <OtherMethod method={method} onChoose={setMethod} />
          )}
        </ol>
        <div aria-live="polite" className="order-1 grid min-h-72 content-center justify-items-center gap-3 sm:order-2">
          {connect.isError || hasEnded ? (
            <Ended session={session} hasFailed={connect.isError} onRetry={retry} isBusy={connect.isPending} />
          ) : (
            <LinkingStep session={session} method={method} qr={qr} />
          )}
        </div>
      </div>
      {session.phoneNumber && <p className="mt-4 text-muted text-sm">{formatNumber(session.phoneNumber)}</p>}
    </Modal>
  );
}

interface LinkingStepProps {
  session: Session;
  method: "qr" | "phone";
  qr: SessionQr | null | undefined;
}

/** What the user has to do now, or what the page waits for. */
function LinkingStep({ session, method, qr }: LinkingStepProps) {
  const { t } = useTranslation();
  if (session.detail === "syncing" || session.detail === "connected")
    return <Waiting icon="done" text={t("linking:qr.syncing")} />;
  if (session.detail === "reconnecting") {
    const text = session.reason === null ? t("sessions:detail.reconnecting") : describeReason(session.reason, t);
    return <Waiting icon="busy" text={text} />;
  }
  if (method === "phone")
    return <PhonePairing session={session} waiting={<Waiting icon="busy" text={t("linking:pairing.waiting")} />} />;
  return qr ? <Code qr={qr} /> : <Waiting icon="busy" text={t("linking:qr.waiting")} />;
}

function Step({ number, text }: { number: number; text: string }) {
  return (
    <li className="flex gap-3">
      <span
        aria-hidden="true"
        className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-soft font-semibold text-accent text-sm"
      >
        {number}
      </span>
      <span className="pt-0.5">{text}</span>
    </li>
  );
}

/** Steps for a user when WhatsApp demands a passkey. */
function PasskeySteps() {
  const { t } = useTranslation();
  return (["step1", "step2", "step3", "step4"] as const).map((step, index) => (
    <Step key={step} number={index + 1} text={t(`linking:passkey.${step}`)} />
  ));
}

/** Switches between scanning a QR code and typing a pairing code on the phone. */
function OtherMethod({ method, onChoose }: { method: "qr" | "phone"; onChoose: (method: "qr" | "phone") => void }) {
  const { t } = useTranslation();
  return (
    <li>
      <Button look="plain" data-testid="pairing-choose" onClick={() => onChoose(method === "qr" ? "phone" : "qr")}>
        {method === "qr" ? <Smartphone className="size-4" /> : <QrCode className="size-4" />}
        {t(method === "qr" ? "linking:pairing.choose" : "linking:pairing.chooseQr")}
      </Button>
    </li>
  );
}

function Code({ qr }: { qr: SessionQr }) {
  const { t } = useTranslation();
  const secondsLeft = useSecondsUntil(qr.expiresAt);
  return (
    <>
      <img
        data-testid="qr-image"
        data-attempt={qr.attempt}
        src={qr.qrCode}
        alt={t("linking:qr.image")}
        // The code needs a white border in dark mode too: phones do not detect it without its quiet zone.
        className="size-66 rounded-xl border border-line bg-white"
      />
      {/* Screen readers announce each code once; the countdown is silent. */}
      <p className="sr-only">{t("linking:qr.attempt", { attempt: qr.attempt })}</p>
      <p aria-live="off" className="text-muted text-sm tabular-nums">
        {secondsLeft > 0 ? t("linking:qr.expiresIn", { seconds: secondsLeft }) : t("linking:qr.renewing")}
      </p>
    </>
  );
}

function Waiting({ icon, text }: { icon: "busy" | "done"; text: string }) {
  return (
    <>
      {icon === "busy" ? (
        <LoaderCircle aria-hidden="true" className="size-10 animate-spin text-accent" />
      ) : (
        <CircleCheck aria-hidden="true" className="size-12 text-accent" />
      )}
      <p role="status" className="max-w-56 text-center text-muted">
        {text}
      </p>
    </>
  );
}

interface EndedProps {
  session: Session;
  hasFailed: boolean;
  isBusy: boolean;
  onRetry: () => void;
}

function Ended({ session, hasFailed, isBusy, onRetry }: EndedProps) {
  const { t } = useTranslation();
  const { title, text, retry } = endedTexts(session, hasFailed, t);
  return (
    <>
      <TriangleAlert aria-hidden="true" className="size-10 text-warn" />
      <p role="alert" className="text-center font-semibold">
        {title}
      </p>
      {text !== null && <p className="text-center text-muted text-sm">{text}</p>}
      <Button look="primary" data-testid="qr-retry" disabled={isBusy} onClick={onRetry}>
        <RotateCw className="size-4" />
        {retry}
      </Button>
    </>
  );
}

function endedTexts({ detail, reason }: Session, hasFailed: boolean, t: TFunction) {
  if (!hasFailed && detail === "qr_expired")
    return { title: t("linking:qr.expired"), text: t("linking:qr.expiredText"), retry: t("linking:qr.retry") };
  if (!hasFailed && reason === "passkey_required")
    return { title: t("linking:passkey.title"), text: t("linking:passkey.text"), retry: t("linking:passkey.retry") };
  const title = t(`sessions:detail.${hasFailed ? "failed" : detail}`);
  return { title, text: reason ? describeReason(reason, t) : null, retry: t("linking:qr.retry") };
}
