/** The clocks of a dispatch from the settings (minutes there, milliseconds here), by role where the settings say so. */
import type { ClockLimits } from "../agents/index.ts";
import type { Settings } from "../settings/index.ts";

const minute = 60_000;

export function clocksFor(settings: Settings, role: string): ClockLimits {
  const { byRole, ...all } = settings.timeouts;
  const own = byRole[role] ?? {};
  return {
    firstEventMs: (own.firstEvent ?? all.firstEvent) * minute,
    idleMs: (own.idle ?? all.idle) * minute,
    softMs: (own.soft ?? all.soft) * minute,
    hardMs: (own.hard ?? all.hard) * minute,
    graceMs: 5_000,
    lingerMs: 10_000,
  };
}
