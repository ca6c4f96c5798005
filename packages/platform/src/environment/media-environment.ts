import { z } from "zod";
import { flag } from "../environment.ts";

const credentials = () => z.string().regex(/^[^:\s]+:\S+$/, "must be <access key id>:<secret access key>");

/** Variables of the media store, to be spread into a process's own `z.object`. All services must get the same values. */
export const mediaEnvironment = {
  /** With a bucket: holds files until they are uploaded. Without one: the permanent store, shared by all services that read it. */
  MEDIA_DIRECTORY: z.string().min(1),
  /** Name of a bucket on Amazon S3 or a compatible server. The bucket must not be public. */
  MEDIA_S3_BUCKET: z.string().min(3).max(63).optional(),
  MEDIA_S3_REGION: z.string().min(1).default("us-east-1"),
  /** Endpoint of a server other than Amazon S3. */
  MEDIA_S3_ENDPOINT: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" }).optional(),
  /** True for most servers other than Amazon S3. */
  MEDIA_S3_PATH_STYLE: flag().default(false),
  /** `<id>:<secret>`. By default the AWS SDK looks up the credentials of the machine. */
  MEDIA_S3_CREDENTIALS: credentials().optional(),
};
type MediaEnvironment = z.infer<z.ZodObject<typeof mediaEnvironment>>;

/** Converts the variables to the settings of the media store. */
export function mediaSettings(env: MediaEnvironment) {
  const directory = env.MEDIA_DIRECTORY;
  const bucket = env.MEDIA_S3_BUCKET;
  if (bucket === undefined) return { directory };
  const accessKey = env.MEDIA_S3_CREDENTIALS;
  return {
    directory,
    s3: {
      bucket,
      region: env.MEDIA_S3_REGION,
      endpoint: env.MEDIA_S3_ENDPOINT,
      isPathStyle: env.MEDIA_S3_PATH_STYLE,
      credentials: accessKey === undefined ? undefined : parseAccessKey(accessKey),
    },
  };
}

function parseAccessKey(text: string) {
  const colon = text.indexOf(":");
  return { accessKeyId: text.slice(0, colon), secretAccessKey: text.slice(colon + 1) };
}
