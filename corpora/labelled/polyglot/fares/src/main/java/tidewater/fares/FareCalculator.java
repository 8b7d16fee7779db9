package tidewater.fares;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.List;

public final class FareCalculator {
    private static final BigDecimal CHILD_SHARE = new BigDecimal("0.50");
    private static final int INFANT_BELOW_AGE = 4;
    private static final int CHILD_BELOW_AGE = 15;

    private final SeasonCalendar seasons;
    private final List<Discount> discounts;

    public FareCalculator(SeasonCalendar seasons, List<Discount> discounts) {
        this.seasons = seasons;
        this.discounts = List.copyOf(discounts);
    }

    public Money quote(Crossing crossing, List<Traveller> party, LocalDate day) {
        Money total = Money.zero(crossing.currency());
        for (Traveller traveller : party) {
            total = total.plus(single(crossing, traveller, day));
        }
        for (Discount discount : discounts) {
            if (discount.appliesTo(party, day)) {
                total = discount.reduce(total);
            }
        }
        return total.roundedTo(new BigDecimal("0.05"), RoundingMode.HALF_UP);
    }

    private Money single(Crossing crossing, Traveller traveller, LocalDate day) {
        if (traveller.age() < INFANT_BELOW_AGE) {
            return Money.zero(crossing.currency());
        }
        Money base = crossing.basePrice().times(seasons.factorOn(day));
        return traveller.age() < CHILD_BELOW_AGE ? base.times(CHILD_SHARE) : base;
    }
}
