import type { InputHTMLAttributes } from "react";

export const fieldStyle = "rounded-lg border border-line bg-canvas px-3 py-2.5 outline-none focus:border-accent";

interface TextFieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  testId: string;
  /** Explains what to enter, below the input. */
  hint?: string;
  onText: (text: string) => void;
}

/** A labelled input of a form. */
export function TextField({ label, testId, hint, onText, ...input }: TextFieldProps) {
  return (
    <label className="grid gap-1.5">
      <span className="font-medium text-sm">{label}</span>
      <input
        data-testid={testId}
        onChange={(event) => onText(event.target.value)}
        className={`w-full ${fieldStyle}`}
        {...input}
      />
      {hint && <span className="text-muted text-xs">{hint}</span>}
    </label>
  );
}
