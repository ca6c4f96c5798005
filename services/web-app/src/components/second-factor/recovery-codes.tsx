import { useTranslation } from "react-i18next";
import { Button } from "../ui/button.tsx";
import { useCopy } from "../ui/use-copy.ts";

/** Shows recovery codes, which are not shown again, with buttons to copy and to download them. */
export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const { t } = useTranslation();
  const text = `${codes.join("\n")}\n`;
  const { shown, isCopied, copy } = useCopy<HTMLUListElement>(text);
  return (
    <div className="grid gap-4">
      <p role="note" className="rounded-lg bg-warn-soft px-3 py-2.5 text-sm text-warn">
        {t("second-factor:recoveryCodesText")}
      </p>
      <ul
        ref={shown}
        data-testid="recovery-codes"
        className="grid gap-x-6 gap-y-1 rounded-lg bg-canvas p-3 font-mono text-sm sm:grid-cols-2"
      >
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        <Button data-testid="recovery-codes-copy" onClick={() => void copy()}>
          {t(isCopied ? "common:secret.copied" : "common:secret.copy")}
        </Button>
        <Button data-testid="recovery-codes-download" onClick={() => download("syszap-recovery-codes.txt", text)}>
          {t("second-factor:download")}
        </Button>
        <Button look="primary" data-testid="recovery-codes-kept" onClick={onDone}>
          {t("common:secret.done")}
        </Button>
      </div>
    </div>
  );
}

function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
