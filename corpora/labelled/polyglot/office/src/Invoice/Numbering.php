<?php

declare(strict_types=1);

namespace Tidewater\Office\Invoice;

use PDO;
use RuntimeException;

final class Numbering
{
    public function __construct(private readonly PDO $database)
    {
    }

    /** The tax office wants them without gaps, so the row stays locked until the invoice is stored. */
    public function next(int $year): string
    {
        if (!$this->database->inTransaction()) {
            throw new RuntimeException('a number is drawn inside the transaction that stores the invoice');
        }
        $statement = $this->database->prepare('SELECT last FROM invoice_number WHERE year = ? FOR UPDATE');
        $statement->execute([$year]);
        $last = (int) $statement->fetchColumn();
        $this->database->prepare('UPDATE invoice_number SET last = ? WHERE year = ?')->execute([$last + 1, $year]);
        return sprintf('%04d-%06d', $year, $last + 1);
    }
}
