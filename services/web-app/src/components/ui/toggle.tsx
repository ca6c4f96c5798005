interface ToggleProps {
  label: string;
  isOn: boolean;
  isDisabled?: boolean;
  testId?: string;
  onChange: (isOn: boolean) => void;
}

/** A switch with its label at the left. */
export function Toggle({ label, isOn, isDisabled = false, testId, onChange }: ToggleProps) {
  return (
    <label className="flex min-h-11 cursor-pointer items-center justify-between gap-4">
      <span>{label}</span>
      <input
        type="checkbox"
        role="switch"
        data-testid={testId}
        aria-checked={isOn}
        checked={isOn}
        disabled={isDisabled}
        onChange={(event) => onChange(event.target.checked)}
        className="relative h-6 w-11 shrink-0 cursor-pointer appearance-none rounded-full bg-line transition-colors before:absolute before:top-0.5 before:left-0.5 before:size-5 before:rounded-full before:bg-white before:shadow before:transition-transform checked:bg-accent checked:before:translate-x-5 disabled:opacity-50"
      />
    </label>
  );
}
