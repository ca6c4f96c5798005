import { AuthorisedImage } from "./authorised-image.tsx";

const hues = [160, 190, 215, 250, 285, 325, 15, 40, 95];

function initials(name: string): string {
  const words = name
    .trim()
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase() || "?";
}
const hueOf = (text: string): number => {
  let sum = 0;
  for (const char of text) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9_973;
  return hues[sum % hues.length] ?? 160;
};

/** Of a file of ours there is a small picture, unless it can't be drawn: browsers show more than that. */
const smallFirst = (url: string) =>
  url.startsWith("/v1/media/") ? { path: `${url}/thumbnail`, otherwise: url } : { path: url };

interface AvatarProps {
  name: string;
  pictureUrl: string | null;
  className?: string;
}

/** The client's picture, or the initials on a colour that stays the same for this name. */
export function Avatar({ name, pictureUrl, className = "size-12 text-base" }: AvatarProps) {
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
      {initials(name)}
    </span>
  );
  if (!pictureUrl) return letters;
  return (
    <AuthorisedImage
      key={pictureUrl}
      {...smallFirst(pictureUrl)}
      alt=""
      className={`shrink-0 rounded-full bg-sunken object-cover ${className}`}
      fallback={letters}
    />
  );
}
