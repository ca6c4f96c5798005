import { FileText, Film, Music } from "lucide-react";
import { useFormats } from "../../../i18n/format.ts";
import { useObjectUrl } from "../../ui/picture/use-object-url.ts";

const icons = { video: Film, audio: Music };

/** A file's name and size, with a preview of images. */
export function FilePreview({ file }: { file: File }) {
  const { size } = useFormats();
  const isImage = /^image\/(png|jpeg|webp|gif)$/.test(file.type);
  const url = useObjectUrl(isImage ? file : undefined);
  const Icon = icons[file.type.split("/")[0] as keyof typeof icons] ?? FileText;
  return (
    <span className="flex min-w-0 flex-1 items-center gap-3 rounded-lg bg-sunken p-2">
      {url ? (
        <img src={url} alt="" className="size-12 shrink-0 rounded-md object-cover" />
      ) : (
        <Icon aria-hidden="true" className="size-8 shrink-0 text-accent" />
      )}
      <span className="min-w-0">
        <span className="block truncate font-medium text-sm">{file.name}</span>
        <span className="block text-muted text-xs">{size(file.size)}</span>
      </span>
    </span>
  );
}
