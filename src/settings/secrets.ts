/**
 * Settings files are committed, copied and shown, so no secret may stand in one. Refused: a variable with a secret's name
 * that holds a value instead of `$NAME`, text in the shape of a known token, a password inside a URL.
 */
const secretName = /(?:^|_)(?:API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|AUTH)(?:$|_)/i;
const reference = /^\$[A-Za-z_][A-Za-z0-9_]*$/;
const tokenShapes = [
  /\bsk-[A-Za-z0-9_-]{16,}/,
  /\bgh[pousr]_[A-Za-z0-9]{20,}/,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/,
  /\bglpat-[A-Za-z0-9_-]{16,}/,
  /\bAIza[A-Za-z0-9_-]{30,}/,
  /\bAKIA[A-Z0-9]{16}\b/,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/,
  /\bnpm_[A-Za-z0-9]{30,}/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:[^\s/@]+@/i,
];

/** Dotted places of a settings document where a secret stands; the values themselves are never repeated. */
export function findSecrets(document: unknown, path: readonly string[] = []): string[] {
  if (typeof document === "string") return isSecret(path, document) ? [path.join(".")] : [];
  if (typeof document !== "object" || document === null) return [];
  return Object.entries(document).flatMap(([key, value]) => findSecrets(value, [...path, key]));
}

function isSecret(path: readonly string[], value: string): boolean {
  if (tokenShapes.some((shape) => shape.test(value))) return true;
  const variable = path[0] === "agents" && path[2] === "env" ? path[3] : undefined;
  return variable !== undefined && secretName.test(variable) && value !== "" && !reference.test(value);
}

/**
 * An agent's configured variables with `$NAME` taken from okstra's own environment; a variable whose NAME is not set is
 * left out.
 */
export function expandVariables(
  configured: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const pairs = Object.entries(configured).map(
    ([name, value]) => [name, reference.test(value) ? own[value.slice(1)] : value] as const,
  );
  return Object.fromEntries(pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined));
}
