import { z } from "zod";
import { flag } from "./environment.ts";

const credentials = () =>
  z.string().regex(/^[^:\s]+:\S+$/, "must be an access key's id and its secret with a colon between");

/** Where files are kept; spread into a process's own `z.object`. All services of a deploy are given the same. */
export const mediaEnvironment = {
  /** With a bucket: where a file waits until the bucket has it. Else: where files live, shared by all that read them. */
  MEDIA_DIRECTORY: z.string().min(1),
  /** Keeps files in a bucket of S3, or of a server that speaks its protocol. It must not be public. */
  MEDIA_S3_BUCKET: z.string().min(3).max(63).optional(),
  MEDIA_S3_REGION: z.string().min(1).default("us-east-1"),
  /** Of a server other than Amazon's. */
  MEDIA_S3_ENDPOINT: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" }).optional(),
  /** True for most servers other than Amazon's. */
  MEDIA_S3_PATH_STYLE: flag().default(false),
  /** `<id>:<secret>`. Without them: what the machine itself may do, as the AWS SDK finds it. */
  MEDIA_S3_CREDENTIALS: credentials().optional(),
};
type MediaEnvironment = z.infer<z.ZodObject<typeof mediaEnvironment>>;

/** As the media store takes it. */
export function mediaSettings(env: MediaEnvironment) {
  const directory = env.MEDIA_DIRECTORY;
  const bucket = env.MEDIA_S3_BUCKET;
  if (bucket === undefined) return { directory };
  const given = env.MEDIA_S3_CREDENTIALS;
  return {
    directory,
    s3: {
      bucket,
      region: env.MEDIA_S3_REGION,
      endpoint: env.MEDIA_S3_ENDPOINT,
      isPathStyle: env.MEDIA_S3_PATH_STYLE,
      credentials: given === undefined ? undefined : keyOf(given),
    },
  };
}

function keyOf(given: string) {
  const colon = given.indexOf(":");
  return { accessKeyId: given.slice(0, colon), secretAccessKey: given.slice(colon + 1) };
}
