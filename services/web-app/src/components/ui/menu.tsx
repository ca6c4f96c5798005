import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { itemForKey, MenuSearch } from "./menu-parts/menu-keys.ts";
import { menuPosition } from "./menu-parts/menu-position.ts";

interface MenuProps {
  label: string;
  icon: ReactNode;
  className?: string;
  /** The side of the button on which the menu opens. */
  side: "left" | "right";
  /** Buttons with `role="menuitem"`. `close` returns the focus to the menu's button. */
  children: (close: () => void) => ReactNode;
}

const itemsOf = (list: HTMLElement | null) => [...(list?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];

/**
 * A button that opens a menu. Arrow keys, Home, End and the first letters of an item move in it; Escape and a click outside close it.
 * The arrow keys also open it, with the focus on its first or last item.
 */
export function Menu({ label, icon, className = "", side, children }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const opensAtEnd = useRef(false);
  const search = useRef(new MenuSearch());
  const root = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  useInTopLayer(isOpen, side, { button, list });
  useEffect(() => {
    if (!isOpen) return;
    itemsOf(list.current)
      .at(opensAtEnd.current ? -1 : 0)
      ?.focus();
    const onPointer = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", onPointer);
    return () => document.removeEventListener("pointerdown", onPointer);
  }, [isOpen]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Tab") return setOpen(false);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") close();
    else {
      const items = itemsOf(list.current);
      const at = items.indexOf(document.activeElement as HTMLElement);
      const labels = items.map(({ textContent }) => textContent.trim());
      const next = itemForKey(event.key, at, labels, search.current);
      if (next === undefined) return;
      items[next]?.focus();
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const open = (atEnd: boolean) => {
    opensAtEnd.current = atEnd;
    setOpen(true);
  };
  const onButtonKeyDown = (event: KeyboardEvent) => {
    if (isOpen || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    open(event.key === "ArrowUp");
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div ref={root} className="relative shrink-0">
      <button
        ref={button}
        type="button"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => (isOpen ? setOpen(false) : open(false))}
        onKeyDown={onButtonKeyDown}
        className={`grid size-8 place-items-center rounded-full text-muted hover:bg-hover hover:text-ink ${isOpen ? "opacity-100" : className}`}
      >
        {icon}
      </button>
      {isOpen && (
        <div
          ref={list}
          id={id}
          role="menu"
          popover="manual"
          tabIndex={-1}
          aria-label={label}
          onKeyDown={onKeyDown}
          className="fixed inset-auto z-20 m-0 w-max min-w-44 animate-rise rounded-xl border border-line bg-raised p-1 text-ink shadow-float"
        >
          {children(close)}
        </div>
      )}
    </div>
  );
}

interface MenuParts {
  button: RefObject<HTMLElement | null>;
  list: RefObject<HTMLElement | null>;
}

/** Shows the menu in the browser's top layer, so that a toast that appears later does not cover it. */
function useInTopLayer(isOpen: boolean, side: MenuProps["side"], { button, list }: MenuParts): void {
  useLayoutEffect(() => {
    const [from, menu] = [button.current, list.current];
    if (!isOpen || !from || !menu) return;
    // Browsers before 2024 lack popovers; there only the z-index applies.
    if ("showPopover" in menu) menu.showPopover();
    const position = () => {
      const size = { width: menu.offsetWidth, height: menu.offsetHeight };
      const { left, top } = menuPosition(from.getBoundingClientRect(), size, side, {
        width: window.innerWidth,
        height: window.innerHeight,
      });
      menu.style.left = `${left}px`;
      menu.style.top = `${top}px`;
    };
    position();
    window.addEventListener("scroll", position, { capture: true, passive: true });
    window.addEventListener("resize", position);
    return () => {
      window.removeEventListener("scroll", position, { capture: true });
      window.removeEventListener("resize", position);
    };
  }, [isOpen, side, button, list]);
}

interface MenuItemProps {
  icon: ReactNode;
  testId?: string;
  isDanger?: boolean;
  onClick: () => void;
  children: ReactNode;
}

export function MenuItem({ icon, testId, isDanger = false, onClick, children }: MenuItemProps) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      data-testid={testId}
      onClick={onClick}
      className={`flex w-full items-center gap-3 rounded-lg px-3 py-2 text-left text-sm hover:bg-hover focus-visible:bg-hover ${isDanger ? "text-danger" : ""}`}
    >
      {icon}
      {children}
    </button>
  );
}
