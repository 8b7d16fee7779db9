package tidewater.fares;

import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

public class VoucherLedger {
    private final Map<String, Voucher> open = new ConcurrentHashMap<>();
    private final Clock clock;

    public VoucherLedger(Clock clock) {
        this.clock = clock;
    }

    public void issue(Voucher voucher) {
        if (open.putIfAbsent(voucher.code(), voucher) != null) {
            throw new IllegalStateException("code already in circulation: " + voucher.code());
        }
    }

    /** Taken out in one step, so that two tills cannot spend it both. */
    public Optional<Voucher> redeem(String code) {
        Voucher voucher = open.remove(code);
        if (voucher == null || voucher.expires().isBefore(clock.instant())) {
            return Optional.empty();
        }
        return Optional.of(voucher);
    }
}
