import { type ReactNode, useEffect, useState } from "react";
import { useMedia } from "../../page/queries.ts";

/** An object URL of the blob, revoked when the component is removed. */
export function useObjectUrl(blob: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!blob) return;
    const created = URL.createObjectURL(blob);
    setUrl(created);
    return () => URL.revokeObjectURL(created);
  }, [blob]);
  return blob ? url : undefined;
}

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
  const first = useMedia(url, isOwn);
  const second = useMedia(fallbackUrl ?? url, isOwn && fallbackUrl !== undefined && first.isError);
  const objectUrl = useObjectUrl(first.data ?? second.data);
  const [isBroken, setBroken] = useState(false);
  const source = isOwn ? objectUrl : url;
  if (!source || isBroken) return fallback;
  return <img src={source} alt={alt} className={className} onError={() => setBroken(true)} draggable={false} />;
}
