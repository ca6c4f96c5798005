import { type ReactNode, useId } from "react";

interface SectionCardProps {
  title: string;
  text?: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** One topic of a settings page. */
export function SectionCard({ title, text, actions, children }: SectionCardProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-6">
      <header className="mb-4 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h2 id={id} className="font-semibold text-lg">
            {title}
          </h2>
          {text && <p className="mt-0.5 text-muted text-sm">{text}</p>}
        </div>
        {actions}
      </header>
      {children}
    </section>
  );
}
