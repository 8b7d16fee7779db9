package tidewater.fares;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.MonthDay;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Summer costs more than February. */
public final class SeasonCalendar {
    private final NavigableMap<MonthDay, BigDecimal> factors = new TreeMap<>();

    public SeasonCalendar(Map<MonthDay, BigDecimal> starts) {
        if (starts.isEmpty()) {
            throw new IllegalArgumentException("a calendar needs at least one season");
        }
        factors.putAll(starts);
    }

    public BigDecimal factorOn(LocalDate day) {
        var season = factors.floorEntry(MonthDay.from(day));
        // Before the first season of the year, the last one of the year before still runs.
        return season == null ? factors.lastEntry().getValue() : season.getValue();
    }
}
