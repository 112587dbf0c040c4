/**
 * Takes keys out of what is kept or shown: the values we know, and what has the shape of a well-known kind of key. Every repetition
 * that a text could make the expressions try again from each of its characters has a bound, since agents write these texts.
 */
const shapes: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9_-]{16,}/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /\b(?:gh[opsur]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,})/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\beyJ[A-Za-z0-9_-]{8,400}\.eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,}/g,
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g,
];
const bearer = /\b(Bearer|Basic)\s{1,4}[A-Za-z0-9._~+/=-]{16,}/gi;
const inAddress = /\b([a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]{0,100}):[^\s/@]{1,400}@/gi;

const redacted = "[redacted]";

/**
 * A function that replaces every given value and every known shape. Values under six characters are left alone: replacing them
 * would spoil the text and hide nothing.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const values = [...new Set(secrets.map((secret) => secret.trim()))]
    .filter((secret) => secret.length >= 6)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    const known = values.reduce((left, value) => left.replaceAll(value, redacted), text);
    const shaped = shapes.reduce((left, shape) => left.replaceAll(shape, redacted), known);
    return shaped.replaceAll(bearer, `$1 ${redacted}`).replaceAll(inAddress, `$1:${redacted}@`);
  };
}

/**
 * Fields that name things of the repository, the engine's own words and commands: one of them blotted out is lost, and a key does not
 * belong there. All else is free text.
 */
const naming = new Set(
  (
    "path paths file files artefact id item items commits sha step qa command pattern pre mid post " +
    "mode kind severity category expected blocks verdict disagreeBasis reasonCode taskType outcome state status dbState"
  ).split(" "),
);

/** A JSON value with the free texts in it redacted. */
export function redactValue<T>(value: T, redact: (text: string) => string): T {
  return cleaned(value, redact) as T;
}

function cleaned(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((one) => cleaned(one, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      naming.has(key) && !isGroup(inner) ? inner : cleaned(inner, redact),
    ]),
  );
}

/** Things with fields of their own; a list of names is none. */
const isGroup = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (!Array.isArray(value) || value.some((one) => typeof one === "object"));
