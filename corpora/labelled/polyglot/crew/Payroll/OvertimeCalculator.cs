using Tidewater.Crew.Rostering;

namespace Tidewater.Crew.Payroll;

public class OvertimeCalculator
{
    private const decimal NightSupplement = 0.25m;
    private readonly TimeSpan _regular = TimeSpan.FromHours(38.5);

    public decimal Pay(IEnumerable<Shift> week, decimal hourly)
    {
        decimal total = 0;
        var worked = TimeSpan.Zero;
        foreach (var shift in week.OrderBy(shift => shift.Start))
        {
            for (var hour = shift.Start; hour < shift.End; hour = hour.AddHours(1))
            {
                var rate = worked >= _regular ? 1.5m : 1m;
                if (hour.Hour is >= 22 or < 6) rate += NightSupplement;
                total += hourly * rate;
                worked += TimeSpan.FromHours(1);
            }
        }
        return decimal.Round(total, 2, MidpointRounding.AwayFromZero);
    }
}
