import type { ReactNode } from "react";

interface PageFrameProps {
  title: string;
  subtitle?: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** The heading and the scrolling area of all pages except the inbox. */
export function PageFrame({ title, subtitle, actions, children }: PageFrameProps) {
  return (
    <section
      aria-label={title}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard
      tabIndex={0}
      className="min-h-0 flex-1 overflow-y-auto focus-visible:outline-offset-[-2px]"
    >
      <div className="mx-auto max-w-6xl px-4 py-6 sm:px-8 sm:py-8">
        <header className="mb-6 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
          <div>
            <h1 className="font-bold text-2xl tracking-tight">{title}</h1>
            {subtitle && <p className="mt-0.5 text-muted">{subtitle}</p>}
          </div>
          {actions}
        </header>
        {children}
      </div>
    </section>
  );
}
