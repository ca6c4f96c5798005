import { NavLink } from "react-router";

export interface PageTab {
  to: string;
  label: string;
  testId: string;
}

/** The pages of one topic, below its heading. */
export function PageTabs({ label, tabs }: { label: string; tabs: PageTab[] }) {
  return (
    <nav aria-label={label} className="mb-6 flex flex-wrap gap-x-1 border-line border-b">
      {tabs.map(({ to, label: text, testId }) => (
        <NavLink
          key={to}
          to={to}
          end
          data-testid={testId}
          className={({ isActive }) =>
            `-mb-px min-h-11 shrink-0 border-b-2 px-3 py-2.5 font-medium text-sm focus-visible:outline-offset-[-2px] ${isActive ? "border-accent text-accent" : "border-transparent text-muted hover:text-ink"}`
          }
        >
          {text}
        </NavLink>
      ))}
    </nav>
  );
}
