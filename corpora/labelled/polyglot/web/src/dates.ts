const FORMATS = new Map<string, Intl.DateTimeFormat>();

export function departureText(instant: string, zone: string, locale: string): string {
  const key = `${locale}|${zone}`;
  let format = FORMATS.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locale, { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit" });
    FORMATS.set(key, format);
  }
  return format.format(new Date(instant));
}

/** "in 5 minutes", "yesterday": the largest unit that is at least one. */
export function fromNow(instant: Date, now: Date, locale: string): string {
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const minutes = Math.round((instant.getTime() - now.getTime()) / 60_000);
  if (Math.abs(minutes) < 60) return relative.format(minutes, "minute");
  const hours = Math.round(minutes / 60);
  return Math.abs(hours) < 24 ? relative.format(hours, "hour") : relative.format(Math.round(hours / 24), "day");
}
