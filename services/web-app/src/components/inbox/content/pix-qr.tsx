import type { Payment } from "@syszap/contracts";
import { useQuery } from "@tanstack/react-query";
import { QrCode } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { pixCodeOf } from "../../../lib/pix-code.ts";

/** Draws a QR code as an image URL. The library is loaded on first use. */
const drawQr = async (code: string): Promise<string> =>
  (await import("qrcode")).toDataURL(code, { margin: 2, width: 512 });

/** A button that shows the QR code of a Pix payment. */
export function PixQr({ payment }: { payment: Payment }) {
  const { t } = useTranslation();
  const [isShown, setShown] = useState(false);
  const code = pixCodeOf(payment);
  const { data: url, isError } = useQuery({
    queryKey: ["pix-qr", code],
    queryFn: () => drawQr(code ?? ""),
    enabled: isShown && code !== undefined,
  });
  if (code === undefined) return null;
  if (isShown && url) return <img src={url} alt={t("message:content.pixQr")} className="w-full rounded-lg bg-white" />;
  return (
    <button
      type="button"
      onClick={() => setShown(true)}
      aria-busy={isShown && !isError}
      className="flex items-center gap-2 font-medium text-info text-sm"
    >
      <QrCode aria-hidden="true" className="size-4" />
      {t(isError ? "message:content.pixQrFailed" : "message:content.showPixQr")}
    </button>
  );
}
