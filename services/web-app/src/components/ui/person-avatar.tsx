import { urlOf } from "../../api/endpoint-url.ts";
import { Avatar } from "./avatar.tsx";

interface PersonAvatarProps {
  person: { id: string; name: string; pictureId: string | null };
  className?: string;
}

/** The picture of a colleague, or the initials. */
export function PersonAvatar({ person, className = "size-10 text-sm" }: PersonAvatarProps) {
  const { id, name, pictureId } = person;
  // The server ignores the part after `#`, which makes the page read a changed picture again.
  const url = pictureId === null ? null : `${urlOf("getUserPicture", { id })}#${pictureId}`;
  return <Avatar name={name} pictureUrl={url} className={className} />;
}
