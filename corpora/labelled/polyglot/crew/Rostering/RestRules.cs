namespace Tidewater.Crew.Rostering;

public sealed record Shift(string Sailor, DateTimeOffset Start, DateTimeOffset End)
{
    public TimeSpan Length => End - Start;
}

public static class RestRules
{
    private static readonly TimeSpan LongestDay = TimeSpan.FromHours(14);
    private static readonly TimeSpan LongestWeek = TimeSpan.FromHours(72);

    public static IEnumerable<string> Violations(IReadOnlyList<Shift> shifts)
    {
        foreach (var bySailor in shifts.GroupBy(shift => shift.Sailor))
        {
            var ordered = bySailor.OrderBy(shift => shift.Start).ToList();
            for (var at = 0; at < ordered.Count; at++)
            {
                if (Worked(ordered, ordered[at].Start, TimeSpan.FromDays(1)) > LongestDay)
                    yield return $"{bySailor.Key} works more than 14 hours from {ordered[at].Start:u}";
                if (Worked(ordered, ordered[at].Start, TimeSpan.FromDays(7)) > LongestWeek)
                    yield return $"{bySailor.Key} works more than 72 hours in the week from {ordered[at].Start:d}";
                if (at > 0 && ordered[at].Start < ordered[at - 1].End)
                    yield return $"{bySailor.Key} is on two ships at {ordered[at].Start:u}";
            }
        }
    }

    private static TimeSpan Worked(IEnumerable<Shift> shifts, DateTimeOffset from, TimeSpan window)
    {
        var until = from + window;
        return shifts
            .Where(shift => shift.End > from && shift.Start < until)
            .Aggregate(TimeSpan.Zero, (sum, shift) => sum + (Min(shift.End, until) - Max(shift.Start, from)));
    }

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
