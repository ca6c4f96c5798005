import type { ButtonHTMLAttributes } from "react";

const looks = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong",
  quiet: "border border-line bg-surface hover:bg-hover",
  plain: "hover:bg-hover",
  danger: "bg-danger text-on-accent hover:opacity-90",
};

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: keyof typeof looks;
}

/** A button that does not submit forms by default. */
export function Button({ look = "quiet", className = "", type = "button", ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={`inline-flex min-h-10 items-center justify-center gap-2 rounded-lg px-3.5 py-2 font-medium text-sm transition-colors disabled:opacity-55 ${looks[look]} ${className}`}
      {...rest}
    />
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string;
}

/** A button with only an icon. Screen readers announce `label`, and it is shown on hover. */
export function IconButton({ label, className = "", ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`inline-grid size-10 shrink-0 place-items-center rounded-full text-muted transition-colors hover:bg-hover hover:text-ink ${className}`}
      {...rest}
    />
  );
}
