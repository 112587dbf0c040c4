/** The clocks of a dispatch from the settings (minutes there, milliseconds here), by role where the settings say so. */
import type { ClockLimits } from "../agents/index.ts";
import type { Settings } from "../settings/index.ts";

const minute = 60_000;

export function clocksFor(settings: Settings, role: string): ClockLimits {
  const chosen = { ...settings.timeouts, ...settings.timeouts.byRole[role] };
  return {
    firstEventMs: chosen.firstEvent * minute,
    idleMs: chosen.idle * minute,
    softMs: chosen.soft * minute,
    hardMs: chosen.hard * minute,
    graceMs: 5_000,
    lingerMs: 10_000,
  };
}
