import { type PointerEvent, type RefObject, useLayoutEffect, useRef, useState } from "react";

const maxScale = 6;
const step = 1.5;

interface Zoom {
  scale: number;
  box: RefObject<HTMLDivElement | null>;
  zoomIn: () => void;
  zoomOut: () => void;
  reset: () => void;
  toggle: () => void;
  /** Moves the visible part, in pixels. */
  pan: (left: number, top: number) => void;
  /** Handlers that let a mouse drag the picture. Touch scrolls by itself. */
  drag: {
    onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    onPointerMove: (event: PointerEvent<HTMLElement>) => void;
  };
}

/** The magnification of a picture in a scrolling box. The centre of the visible part stays when it changes. */
export function useZoom(): Zoom {
  const box = useRef<HTMLDivElement>(null);
  const [scale, setScale] = useState(1);
  const before = useRef(1);
  useLayoutEffect(() => {
    const element = box.current;
    const ratio = scale / before.current;
    before.current = scale;
    if (!element || ratio === 1) return;
    const { clientWidth, clientHeight } = element;
    element.scrollLeft = (element.scrollLeft + clientWidth / 2) * ratio - clientWidth / 2;
    element.scrollTop = (element.scrollTop + clientHeight / 2) * ratio - clientHeight / 2;
  }, [scale]);
  const change = (factor: number) => setScale((now) => Math.min(maxScale, Math.max(1, now * factor)));
  return {
    scale,
    box,
    zoomIn: () => change(step),
    zoomOut: () => change(1 / step),
    reset: () => setScale(1),
    toggle: () => setScale((now) => (now > 1 ? 1 : step * step)),
    pan: (left, top) => box.current?.scrollBy({ left, top }),
    drag: {
      onPointerDown: (event) => {
        if (event.pointerType === "mouse") event.currentTarget.setPointerCapture(event.pointerId);
      },
      onPointerMove: (event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId))
          box.current?.scrollBy({ left: -event.movementX, top: -event.movementY });
      },
    },
  };
}
