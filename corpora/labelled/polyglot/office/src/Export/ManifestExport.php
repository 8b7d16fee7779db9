<?php

declare(strict_types=1);

namespace Tidewater\Office\Export;

final class ManifestExport
{
    private const HEADER = ['surname', 'given name', 'born', 'nationality', 'document'];

    public function __construct(private readonly PassengerRepository $passengers)
    {
    }

    /** @param resource $stream */
    public function write(string $sailing, $stream): int
    {
        fwrite($stream, "\xEF\xBB\xBF");
        fputcsv($stream, self::HEADER, ';');
        $count = 0;
        foreach ($this->passengers->onBoard($sailing) as $person) {
            fputcsv($stream, array_map($this->harmless(...), $person->toRow()), ';');
            $count++;
        }
        return $count;
    }

    // A spreadsheet runs what begins like a formula.
    private function harmless(string $cell): string
    {
        return preg_match('/^[=+\-@\t]/', $cell) === 1 ? "'" . $cell : $cell;
    }
}
