import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();

const header =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/[^/]+\/s3\/aws4_request), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/**
 * Verifies the `Authorization` header of a request by AWS Signature Version 4. Returns the error code of S3, or undefined when the
 * signature is valid. The time of the request is not checked.
 */
export function signatureError(
  req: IncomingMessage,
  body: Buffer,
  credentials: { accessKeyId: string; secretAccessKey: string },
): string | undefined {
  const [, accessKeyId, scope = "", signedHeaders = "", signature] = header.exec(req.headers.authorization ?? "") ?? [];
  if (accessKeyId === undefined) return "AccessDenied";
  if (accessKeyId !== credentials.accessKeyId) return "InvalidAccessKeyId";
  const bodyHash = String(req.headers["x-amz-content-sha256"]);
  if (/^[0-9a-f]{64}$/.test(bodyHash) && bodyHash !== sha256(body)) return "XAmzContentSHA256Mismatch";
  const toSign = [
    "AWS4-HMAC-SHA256",
    req.headers["x-amz-date"],
    scope,
    sha256(canonicalRequest(req, signedHeaders, bodyHash)),
  ].join("\n");
  const signingKey = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  return hmac(signingKey, toSign).toString("hex") === signature ? undefined : "SignatureDoesNotMatch";
}

function canonicalRequest(req: IncomingMessage, signedHeaders: string, bodyHash: string): string {
  const [path, query = ""] = (req.url ?? "/").split("?", 2);
  const parameters = query.split("&").map((parameter) => (parameter.includes("=") ? parameter : `${parameter}=`));
  const headers = signedHeaders.split(";").map(
    (name) =>
      `${name}:${String(req.headers[name] ?? "")
        .trim()
        .replaceAll(/ +/g, " ")}\n`,
  );
  return [
    req.method,
    path,
    query === "" ? "" : parameters.sort().join("&"),
    headers.join(""),
    signedHeaders,
    bodyHash,
  ].join("\n");
}
