import { type ReactNode, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/button.tsx";
import { ErrorText } from "../ui/states.tsx";
import { useSubmit } from "../ui/use-submit.ts";

const look =
  "w-full rounded-lg border border-line bg-canvas px-3.5 py-3 font-mono text-lg tracking-widest outline-none focus:border-accent";

interface CodeFormProps {
  /** `recovery`: a recovery code. */
  kind: "app" | "recovery";
  submit: string;
  /** Shows the error with which it rejects. */
  onCode: (code: string) => Promise<void>;
  /** Further buttons. */
  children?: ReactNode;
}

/** Asks for a code of the authenticator app or for a recovery code. */
export function CodeForm({ kind, submit, onCode, children }: CodeFormProps) {
  const { t } = useTranslation();
  const id = useId();
  const [code, setCode] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const { onSubmit, error, isBusy } = useSubmit(() =>
    onCode(code).catch((failure: unknown) => {
      setCode("");
      input.current?.focus();
      throw failure;
    }),
  );
  return (
    <form onSubmit={onSubmit} className="grid gap-4">
      <div className="grid gap-1.5">
        <label htmlFor={id} className="font-medium text-sm">
          {t(kind === "app" ? "second-factor:code" : "second-factor:recoveryCode")}
        </label>
        <input
          ref={input}
          id={id}
          data-testid="second-factor-code"
          name="code"
          autoComplete="one-time-code"
          inputMode={kind === "app" ? "numeric" : "text"}
          autoCapitalize="none"
          spellCheck={false}
          // biome-ignore lint/a11y/noAutofocus: the code is the only input of this step
          autoFocus
          required
          maxLength={64}
          aria-describedby={`${id}-hint`}
          value={code}
          onChange={(event) => setCode(event.target.value)}
          className={look}
        />
        <span id={`${id}-hint`} className="text-muted text-xs">
          {t(kind === "app" ? "second-factor:codeHint" : "second-factor:recoveryCodeHint")}
        </span>
      </div>
      <ErrorText error={error} />
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" look="primary" data-testid="second-factor-submit" disabled={isBusy || code.trim() === ""}>
          {submit}
        </Button>
        {children}
      </div>
    </form>
  );
}
