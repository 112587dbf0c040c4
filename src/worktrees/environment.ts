/** What a set-up or clone command sees of okstra's own environment: enough to find programs, nothing that may be secret. Pure. */
const passed = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TERM", "TMPDIR"];

export function childEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  added: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept = Object.entries(own).flatMap(([name, value]): [string, string][] =>
    value !== undefined && (passed.includes(name) || name.startsWith("LC_")) ? [[name, value]] : [],
  );
  return { ...Object.fromEntries(kept), ...added };
}
