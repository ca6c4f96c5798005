import type { ReactNode } from "react";
import { Button } from "../../components/ui/button.tsx";

interface SubmitButtonProps {
  testId: string;
  isBusy: boolean;
  children: ReactNode;
}

/** The large button at the end of a form. */
export function SubmitButton({ testId, isBusy, children }: SubmitButtonProps) {
  return (
    <Button type="submit" look="primary" data-testid={testId} disabled={isBusy} className="mt-2 min-h-12 text-base">
      {children}
    </Button>
  );
}
