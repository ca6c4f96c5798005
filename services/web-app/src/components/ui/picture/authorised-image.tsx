import { type ReactNode, useEffect, useState } from "react";
import { useMedia } from "../../../page/queries.ts";
import { useObjectUrl } from "./use-object-url.ts";

/** Rows of a list that is scrolled fast are removed before their pictures are requested. */
const requestedAfterMs = 150;

interface AuthorisedImageProps {
  url: string;
  /** Used when `url` fails. */
  fallbackUrl?: string | undefined;
  alt: string;
  className: string;
  fallback: ReactNode;
}

/** An image of the media store, downloaded with the access token that `<img src>` cannot send. Other URLs are used unchanged. */
export function AuthorisedImage({ url, fallbackUrl, alt, className, fallback }: AuthorisedImageProps) {
  const isOwn = url.startsWith("/");
  const [isRequested, setRequested] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setRequested(true), requestedAfterMs);
    return () => clearTimeout(timer);
  }, []);
  // A picture that was downloaded before is shown at once.
  const first = useMedia(url, isOwn && isRequested);
  const second = useMedia(fallbackUrl ?? url, isOwn && fallbackUrl !== undefined && first.isError);
  const objectUrl = useObjectUrl(first.data ?? second.data);
  const [isBroken, setBroken] = useState(false);
  const source = isOwn ? objectUrl : url;
  if (!source || isBroken) return fallback;
  return <img src={source} alt={alt} className={className} onError={() => setBroken(true)} draggable={false} />;
}
