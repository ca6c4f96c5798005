import { Eye, EyeOff } from "lucide-react";
import { type InputHTMLAttributes, useId, useState } from "react";
import { useTranslation } from "react-i18next";

const look = "w-full rounded-lg border border-line bg-canvas px-3.5 py-3 pr-12 outline-none focus:border-accent";

interface PasswordFieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  testId: string;
  /** Explains what to enter, below the input. */
  hint?: string;
  onText: (text: string) => void;
}

/** A password input with a button that shows the characters. */
export function PasswordField({ label, testId, hint, onText, ...input }: PasswordFieldProps) {
  const { t } = useTranslation();
  const id = useId();
  const [isShown, setShown] = useState(false);
  const EyeIcon = isShown ? EyeOff : Eye;
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="font-medium text-sm">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          data-testid={testId}
          type={isShown ? "text" : "password"}
          onChange={(event) => onText(event.target.value)}
          className={look}
          {...(hint && { "aria-describedby": `${id}-hint` })}
          {...input}
        />
        <button
          type="button"
          aria-label={t(isShown ? "login:hidePassword" : "login:showPassword")}
          onClick={() => setShown(!isShown)}
          className="absolute inset-y-0 right-0 grid w-12 place-items-center rounded-lg text-muted hover:text-ink"
        >
          <EyeIcon className="size-5" />
        </button>
      </div>
      {hint && (
        <span id={`${id}-hint`} className="text-muted text-xs">
          {hint}
        </span>
      )}
    </div>
  );
}
