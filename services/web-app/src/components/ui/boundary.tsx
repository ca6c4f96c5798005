import i18next from "i18next";
import { Component, type ReactNode } from "react";
import { Button } from "./button.tsx";

interface BoundaryProps {
  children: ReactNode;
  className?: string;
  /** When it changes, the children are rendered again: they show something else. */
  shown?: string | undefined;
}
interface BoundaryState {
  hasFailed: boolean;
  failures: number;
}

/** Shows an error message instead of its children when rendering them fails. The rest of the page keeps working. */
export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state = { hasFailed: false, failures: 0 };

  static getDerivedStateFromError(): Partial<BoundaryState> {
    return { hasFailed: true };
  }

  override componentDidCatch(): void {
    this.setState(({ failures }) => ({ failures: failures + 1 }));
  }

  override componentDidUpdate(before: BoundaryProps): void {
    if (before.shown !== this.props.shown && this.state.hasFailed) this.setState({ hasFailed: false, failures: 0 });
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    const { t } = i18next;
    // A part that fails again may need code or data that only a new page gets.
    const mustReload = this.state.failures > 1;
    return (
      <div
        role="alert"
        className={`grid min-w-0 flex-1 place-content-center justify-items-center gap-3 p-6 text-center ${this.props.className ?? ""}`}
      >
        <p className="font-semibold text-lg">{t("errors:paneTitle")}</p>
        <p className="max-w-sm text-muted">{t(mustReload ? "errors:paneReload" : "errors:paneText")}</p>
        <Button onClick={() => (mustReload ? location.reload() : this.setState({ hasFailed: false }))}>
          {t(mustReload ? "errors:reload" : "common:retry")}
        </Button>
      </div>
    );
  }
}
