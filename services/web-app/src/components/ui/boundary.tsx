import i18next from "i18next";
import { Component, type ReactNode } from "react";
import { PartNotLoaded } from "../../lib/lazy-part.ts";
import { Button } from "./button.tsx";

interface BoundaryProps {
  children: ReactNode;
  className?: string;
  /** When it changes, the children are rendered again: they show something else. */
  shown?: string | undefined;
}
interface BoundaryState {
  hasFailed: boolean;
  /** The code of the children was not loaded. */
  isNotLoaded: boolean;
  failures: number;
}

/** Shows an error message instead of its children when rendering them fails. The rest of the page keeps working. */
export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state = { hasFailed: false, isNotLoaded: false, failures: 0 };

  static getDerivedStateFromError(error: unknown): Partial<BoundaryState> {
    return { hasFailed: true, isNotLoaded: error instanceof PartNotLoaded };
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
    const { isNotLoaded, failures } = this.state;
    // A part that fails again may need code or data that only a new page gets.
    const mustReload = isNotLoaded || failures > 1;
    const text = mustReload ? "errors:paneReload" : "errors:paneText";
    return (
      <div
        role="alert"
        className={`grid min-w-0 flex-1 place-content-center justify-items-center gap-3 p-6 text-center ${this.props.className ?? ""}`}
      >
        <p className="font-semibold text-lg">{t(isNotLoaded ? "errors:notLoadedTitle" : "errors:paneTitle")}</p>
        <p className="max-w-sm text-muted">{t(isNotLoaded ? "errors:notLoaded" : text)}</p>
        <Button onClick={() => (mustReload ? location.reload() : this.setState({ hasFailed: false }))}>
          {t(mustReload ? "errors:reload" : "common:retry")}
        </Button>
      </div>
    );
  }
}
