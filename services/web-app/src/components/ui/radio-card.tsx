interface RadioCardProps {
  name: string;
  testId: string;
  title: string;
  text: string;
  isChosen: boolean;
  onChoose: () => void;
  className: string;
}

/** One of several choices, with an explanation. */
export function RadioCard({ name, testId, title, text, isChosen, onChoose, className }: RadioCardProps) {
  return (
    <label
      className={`flex cursor-pointer items-start gap-3 border border-line has-checked:border-accent has-checked:bg-accent-soft ${className}`}
    >
      <input
        type="radio"
        name={name}
        data-testid={testId}
        checked={isChosen}
        onChange={onChoose}
        className="mt-0.5 size-4 shrink-0 accent-accent"
      />
      <span className="grid gap-0.5 text-sm">
        <span className="font-medium">{title}</span>
        <span className="text-muted text-xs">{text}</span>
      </span>
    </label>
  );
}
