import type { ReactNode } from "react";

export interface CheckOption {
  id: string;
  label: string;
  /** Explains the option, below its label. */
  text?: string | undefined;
  icon?: ReactNode;
}

interface CheckListProps {
  legend: string;
  hint?: string | undefined;
  options: CheckOption[];
  chosen: readonly string[];
  testId: string;
  onChange: (chosen: string[]) => void;
}

/** Checkboxes for several of many options. A long list scrolls. */
export function CheckList({ legend, hint, options, chosen, testId, onChange }: CheckListProps) {
  const toggle = (id: string) => onChange(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id]);
  return (
    <fieldset className="grid min-w-0 gap-1">
      <legend className="mb-1 font-medium text-sm">{legend}</legend>
      {hint && <p className="text-muted text-xs">{hint}</p>}
      {options.length > 0 && (
        <div className="grid max-h-72 auto-rows-max gap-0.5 overflow-y-auto rounded-lg border border-line p-1">
          {options.map(({ id, label, text, icon }) => (
            <label
              key={id}
              className="flex min-h-11 cursor-pointer items-center gap-3 rounded-md px-2.5 py-1.5 hover:bg-hover"
            >
              <input
                type="checkbox"
                data-testid={`${testId}-${id}`}
                checked={chosen.includes(id)}
                onChange={() => toggle(id)}
                className="size-4 shrink-0 accent-accent"
              />
              {icon}
              <span className="grid min-w-0 text-sm">
                <span dir="auto" className="[overflow-wrap:anywhere]">
                  {label}
                </span>
                {text && <span className="text-muted text-xs [overflow-wrap:anywhere]">{text}</span>}
              </span>
            </label>
          ))}
        </div>
      )}
    </fieldset>
  );
}
