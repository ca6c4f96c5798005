import type { Message } from "@syszap/contracts";
import { useQuery } from "@tanstack/react-query";
import { mediaUrl } from "../../../api/endpoint-url.ts";
import { waveformOf } from "../../../lib/waveform.ts";
import { api } from "../../../page/api.ts";

/** Larger sounds are not downloaded as a whole. A voice message of an hour is smaller. */
const maxBytes = 16 * 1024 * 1024;
const parts = 48;

/** The loudness of a sound over its time; undefined until it was wanted and could be decoded. */
export const useWaveform = ({ id, size }: NonNullable<Message["media"]>, isWanted: boolean): number[] | undefined =>
  useQuery({
    queryKey: ["waveform", id],
    queryFn: async ({ signal }) => waveformOf(await api.download(mediaUrl(id), signal), parts),
    enabled: isWanted && size <= maxBytes,
  }).data;
