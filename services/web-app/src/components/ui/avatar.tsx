import { Users } from "lucide-react";
import { mediaIdOf, thumbnailUrl } from "../../api/endpoint-url.ts";
import { hueOf } from "../../lib/name-hue.ts";
import { AuthorisedImage } from "./picture/authorised-image.tsx";

function initials(name: string): string {
  const words = name
    .trim()
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase() || "?";
}

/** Prefers the thumbnail. The server can't scale every format that browsers can show, so the full image is the fallback. */
function sourcesOf(pictureUrl: string): { url: string; fallbackUrl?: string } {
  const id = mediaIdOf(pictureUrl);
  return id === undefined ? { url: pictureUrl } : { url: thumbnailUrl(id), fallbackUrl: pictureUrl };
}

interface AvatarProps {
  name: string;
  pictureUrl: string | null;
  isGroup?: boolean;
  className?: string;
}

/** The picture of a client or group. Without one: a client's initials, or an icon, on a colour derived from the name. */
export function Avatar({ name, pictureUrl, isGroup = false, className = "size-12 text-base" }: AvatarProps) {
  const hue = hueOf(name);
  const letters = (
    <span
      aria-hidden="true"
      className={`grid shrink-0 select-none place-items-center rounded-full font-semibold ${className}`}
      style={{
        background: `light-dark(hsl(${hue} 55% 88%), hsl(${hue} 32% 24%))`,
        color: `light-dark(hsl(${hue} 60% 26%), hsl(${hue} 60% 80%))`,
      }}
    >
      {isGroup ? <Users className="size-1/2" /> : initials(name)}
    </span>
  );
  if (!pictureUrl) return letters;
  return (
    <AuthorisedImage
      key={pictureUrl}
      {...sourcesOf(pictureUrl)}
      alt=""
      className={`shrink-0 rounded-full bg-sunken object-cover ${className}`}
      fallback={letters}
    />
  );
}
