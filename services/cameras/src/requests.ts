/** What may be asked, as schemas, and how a fault is told: every fault, each with its field. Pure. */
import { Camera, CameraId, type CameraSource, CertificateSha256, RecordingPatch } from "@lanthorn/contract";
import { z } from "zod";
import { camerasErrors } from "./error-codes.ts";

const CameraName = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^\P{Cc}*$/u, "expected no control characters");

/** SRTO_PASSPHRASE takes 10 to 80 bytes; some encoders stop at 79. */
const Passphrase = z.string().regex(/^[\x20-\x7e]{10,79}$/, "expected 10 to 79 printable ASCII characters");

const Source = Camera.shape.source.superRefine((source: CameraSource, context) => {
  const fault = source.kind === "srt-listener" ? undefined : urlFault(source);
  if (fault !== undefined) {
    context.addIssue({ code: "custom", path: ["url"], message: fault });
  }
});

/** As openssl prints it too: in capitals, with colons. */
const GivenCertificate = z
  .string()
  .transform((given) => given.replaceAll(":", "").toLowerCase())
  .pipe(CertificateSha256);

const TOGETHER = "expected user and password together";

const secretShape = {
  /** Given where the camera already has one; made otherwise. */
  passphrase: Passphrase.optional(),
  /** RTSP only. */
  user: z.string().min(1).max(256).optional(),
  password: z.string().min(1).max(256).optional(),
};

const registrationShape = {
  name: CameraName,
  source: Source,
  enabled: z.boolean().default(true),
  /** Where the sub-stream is called; PUT without it leaves what is there. */
  subSourceUrl: z.string().min(1).nullable().optional(),
  ...secretShape,
};

/** Body of PUT /cameras/:id: everything but the id, which is in the path. */
export const CameraEnsure = z.strictObject(registrationShape).superRefine(refineRegistration);

/** Body of POST /cameras. */
export const CameraCreate = z.strictObject({ id: CameraId, ...registrationShape }).superRefine(refineRegistration);
/** Body of POST /cameras. */
export type CameraCreate = z.output<typeof CameraCreate>;

/** Body of PATCH /cameras/:id. */
export const CameraPatch = z
  .strictObject({
    name: CameraName.optional(),
    enabled: z.boolean().optional(),
    subSourceUrl: z.string().min(1).nullable().optional(),
    /** A UDP port of its own; null: the common one. srt-listener only. */
    port: z.number().int().min(1024).max(65_535).nullable().optional(),
    /** RTSP only: the certificate that is right from now on; null: the next one that the camera shows. */
    certificateSha256: GivenCertificate.nullable().optional(),
    /** RTSP only, together. */
    user: secretShape.user,
    password: secretShape.password,
    /** What is named in it changes; the rest stays. */
    recording: RecordingPatch.optional(),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    path: ["user"],
    message: TOGETHER,
  })
  .refine(
    (patch) => Object.values(patch).some((value) => value !== undefined),
    "expected at least one of name, enabled, subSourceUrl, port, certificateSha256, user with password, and recording",
  );
/** Body of PATCH /cameras/:id. */
export type CameraPatch = z.output<typeof CameraPatch>;

/** Body of POST /cameras/:id/certificate. */
export const CertificateSeen = z.strictObject({ sha256: GivenCertificate });

/** Path of everything below /cameras/. */
export const CameraPath = z.strictObject({ id: CameraId });

/**
 * Reads a request's part, or what becomes of a camera's field by it (`within`: the field's name).
 * Throws: CAMERA_INVALID with every fault; received secrets are never repeated in it.
 */
export function parseRequest<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  within: readonly string[] = [],
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) {
    const faults = result.error.issues.map(
      (issue) => `  ${[...within, ...issue.path].join(".") || "(body)"}: ${issue.message}`,
    );
    throw camerasErrors.make("CAMERA_INVALID", { count: faults.length, faults: faults.join("\n") });
  }
  return result.data;
}

interface WithSecrets {
  readonly source: CameraSource;
  readonly passphrase?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

/** Checks the sub-stream's address of a camera by this source. Throws: CAMERA_INVALID. */
export function checkSubSource(source: CameraSource, subSourceUrl: string | null): void {
  const schema = z
    .string()
    .nullable()
    .superRefine((url, context) => {
      const message = subSourceFault(source, url);
      if (message !== undefined) {
        context.addIssue({ code: "custom", message });
      }
    });
  parseRequest(schema, subSourceUrl, ["subSourceUrl"]);
}

/** Checks that what a change names has a meaning for a camera by this source. Throws: CAMERA_INVALID. */
export function checkPatchFits(source: CameraSource, patch: CameraPatch): void {
  const misplaced = [
    ...(source.kind === "srt-listener" ? [] : (["port"] as const)),
    ...(source.kind === "rtsp" ? [] : (["certificateSha256", "user", "password"] as const)),
  ].filter((field) => patch[field] !== undefined);
  const faults = misplaced.map((field) => `  ${field}: has no meaning for a camera by ${source.kind}`);
  if (faults.length > 0) {
    throw camerasErrors.make("CAMERA_INVALID", { count: faults.length, faults: faults.join("\n") });
  }
}

function refineRegistration(
  request: WithSecrets & { readonly subSourceUrl?: string | null | undefined },
  context: z.RefinementCtx,
): void {
  refineSecrets(request, context);
  const message = subSourceFault(request.source, request.subSourceUrl ?? null);
  if (message !== undefined) {
    context.addIssue({ code: "custom", path: ["subSourceUrl"], message });
  }
}

/** What is wrong with the sub-stream's address: it comes the way the main stream does. Undefined: nothing. */
export function subSourceFault(source: CameraSource, subSourceUrl: string | null): string | undefined {
  if (subSourceUrl === null) {
    return undefined;
  }
  if (source.kind === "srt-listener") {
    return "has no meaning for a camera by srt-listener: its sub-stream calls under the camera's stream id and /sub";
  }
  const wanted = { ...source, url: subSourceUrl };
  return Camera.shape.source.safeParse(wanted).success
    ? urlFault(wanted)
    : `expected a URL of the same kind as source.url, ${source.kind === "rtsp" ? "rtsp:// or rtsps://" : "srt://"}`;
}

function refineSecrets(request: WithSecrets, context: z.RefinementCtx): void {
  const misplaced = request.source.kind === "rtsp" ? (["passphrase"] as const) : (["user", "password"] as const);
  for (const field of misplaced) {
    if (request[field] !== undefined) {
      context.addIssue({
        code: "custom",
        path: [field],
        message: `has no meaning for a camera by ${request.source.kind}`,
      });
    }
  }
  if ((request.user === undefined) !== (request.password === undefined)) {
    context.addIssue({ code: "custom", path: ["user"], message: TOGETHER });
  }
}

function urlFault(source: { readonly kind: string; readonly url: string }): string | undefined {
  if (source.url.length > 1024) {
    return "expected at most 1024 characters";
  }
  const url = URL.canParse(source.url) ? new URL(source.url) : undefined;
  if (url === undefined || url.hostname === "") {
    return "expected a URL with a host";
  }
  if (url.username !== "" || url.password !== "") {
    return "expected no user or password in the URL: send them as the fields user and password, they are stored encrypted";
  }
  if (url.searchParams.has("passphrase")) {
    return "expected no passphrase in the URL: send it as the field passphrase, it is stored encrypted";
  }
  return source.kind === "srt-caller" && url.port === "" ? "expected a port, as in srt://host:port" : undefined;
}
