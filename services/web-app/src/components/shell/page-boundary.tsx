import i18next from "i18next";
import { Component, type ReactNode } from "react";

/** Shows an error message instead of a blank page when rendering fails. */
export class PageBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <div role="alert" className="grid h-dvh place-content-center gap-4 p-6 text-center">
        <p className="font-semibold text-lg">{i18next.t("errors:pageTitle")}</p>
        <button
          type="button"
          onClick={() => location.reload()}
          className="mx-auto rounded-lg bg-accent px-4 py-2 font-medium text-on-accent"
        >
          {i18next.t("common:retry")}
        </button>
      </div>
    );
  }
}
