/** The host's error codes and their status, with the three that this application adds (410, 415, 428). */
export const STATUS_OF = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  INSUFFICIENT_PERMISSIONS: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  GONE: 410,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  VALIDATION_ERROR: 422,
  BUSINESS_RULE_VIOLATION: 422,
  RESOURCE_LOCKED: 423,
  DEPENDENCY_ERROR: 424,
  PRECONDITION_REQUIRED: 428,
  INTERNAL_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
} as const
export type Code = keyof typeof STATUS_OF

/** One message per field, naming the rule and the value. */
export type FieldMessages = Readonly<Record<string, string>>
