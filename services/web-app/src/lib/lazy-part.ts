import { type ComponentType, createElement, type LazyExoticComponent, lazy, Suspense } from "react";

/** A component whose code is loaded when it is first shown, or before with `preload`. */
export type LazyPart<Props> = LazyExoticComponent<ComponentType<Props>> & { preload: () => void };

/** The code of a part of the page was not loaded: there is no connection, or a newer release replaced the files of this one. */
export class PartNotLoaded extends Error {
  override name = "PartNotLoaded";
}

/** Rendering the component throws `PartNotLoaded` if its code cannot be loaded. */
export function lazyPart<Props = object>(load: () => Promise<ComponentType<Props>>): LazyPart<Props> {
  let loading: Promise<{ default: ComponentType<Props> }> | undefined;
  const start = () => {
    loading ??= load()
      .then((component) => ({ default: component }))
      .catch((cause: unknown) => {
        loading = undefined; // a failed preload is tried again when the part is shown
        throw new PartNotLoaded("The code of this part of the page was not loaded", { cause });
      });
    return loading;
  };
  return Object.assign(lazy(start), { preload: () => void start().catch(() => undefined) });
}

/** A part that shows nothing while its code is loaded: a dialog, or something that is needed soon after the page. */
export function lazyExtra<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const Part = lazyPart(load) as ComponentType<Props>;
  return (props) => createElement(Suspense, null, createElement(Part, props));
}
