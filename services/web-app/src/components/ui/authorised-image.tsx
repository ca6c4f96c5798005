import { type ReactNode, useEffect, useState } from "react";
import { useMedia } from "../../page/queries.ts";

/** An address of the blob while the component shows it. */
export function useObjectUrl(blob: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!blob) return;
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return blob ? url : undefined;
}

interface AuthorisedImageProps {
  path: string;
  /** Taken when there is nothing at `path`. */
  otherwise?: string | undefined;
  alt: string;
  className: string;
  fallback: ReactNode;
}

/** A picture that only this person's company may fetch; an `<img src>` could not say who asks. */
export function AuthorisedImage({ path, otherwise, alt, className, fallback }: AuthorisedImageProps) {
  const isOurs = path.startsWith("/");
  const first = useMedia(path, isOurs);
  const second = useMedia(otherwise ?? path, isOurs && otherwise !== undefined && first.isError);
  const own = useObjectUrl(first.data ?? second.data);
  const [isBroken, setBroken] = useState(false);
  const source = isOurs ? own : path;
  if (!source || isBroken) return fallback;
  return <img src={source} alt={alt} className={className} onError={() => setBroken(true)} draggable={false} />;
}
