import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

interface CardProps {
  testId: string;
  icon: LucideIcon;
  kind: string;
  title: string | null;
  children?: ReactNode;
}

/** A framed part of a message: its kind with an icon, a title, and more. */
export function Card({ testId, icon: Icon, kind, title, children }: CardProps) {
  return (
    <div data-testid={testId} className="mb-1 grid w-72 max-w-full gap-1.5 rounded-xl bg-sunken p-2.5 text-sm">
      <p className="flex items-center gap-2 text-muted text-xs">
        <Icon aria-hidden="true" className="size-4 shrink-0 text-accent" />
        {kind}
      </p>
      {title && (
        <p dir="auto" className="font-medium [overflow-wrap:anywhere]">
          {title}
        </p>
      )}
      {children}
    </div>
  );
}
