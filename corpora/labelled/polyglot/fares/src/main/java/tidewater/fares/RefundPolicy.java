package tidewater.fares;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;

public final class RefundPolicy {
    private static final Duration FULL_UNTIL = Duration.ofHours(48);
    private static final Duration HALF_UNTIL = Duration.ofHours(6);

    public Money payBack(Booking booking, Instant cancelledAt) {
        if (booking.crossing().wasCalledOff()) {
            return booking.paid();
        }
        Duration left = Duration.between(cancelledAt, booking.departure());
        if (left.compareTo(FULL_UNTIL) >= 0) {
            return booking.paid().minus(booking.handlingFee());
        }
        if (left.compareTo(HALF_UNTIL) >= 0) {
            return booking.paid().times(new BigDecimal("0.5"));
        }
        return Money.zero(booking.paid().currency());
    }
}
