<?php

declare(strict_types=1);

namespace Tidewater\Office\Search;

final class BookingFilter
{
    private const COLUMNS = ['surname' => 'p.surname', 'port' => 's.port_from', 'status' => 'b.status'];

    /** @param array<string, string> $wanted
     *  @return array{string, list<string>} */
    public function toSql(array $wanted): array
    {
        $conditions = [];
        $values = [];
        foreach ($wanted as $name => $value) {
            if (!isset(self::COLUMNS[$name])) {
                throw new \InvalidArgumentException("cannot filter by $name");
            }
            $conditions[] = self::COLUMNS[$name] . ' LIKE ?';
            $values[] = addcslashes($value, '%_\\') . '%';
        }
        return [$conditions === [] ? '1' : implode(' AND ', $conditions), $values];
    }
}
