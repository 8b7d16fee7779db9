<?php

declare(strict_types=1);

namespace Tidewater\Office\Auth;

final class LoginThrottle
{
    private const FREE_ATTEMPTS = 5;
    private const LONGEST_WAIT_S = 900;

    public function __construct(private readonly Counter $counter)
    {
    }

    public function secondsToWait(string $account, string $address): int
    {
        $failures = max($this->counter->get("account:$account"), $this->counter->get("address:$address"));
        if ($failures < self::FREE_ATTEMPTS) {
            return 0;
        }
        return min(self::LONGEST_WAIT_S, 2 ** ($failures - self::FREE_ATTEMPTS));
    }

    public function failed(string $account, string $address): void
    {
        $this->counter->increment("account:$account", ttl: 3600);
        $this->counter->increment("address:$address", ttl: 3600);
    }

    public function succeeded(string $account): void
    {
        $this->counter->reset("account:$account");
    }
}
