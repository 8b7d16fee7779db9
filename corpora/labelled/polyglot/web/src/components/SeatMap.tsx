import { useMemo, useState } from "react";

export interface Seat {
  row: number;
  letter: string;
  taken: boolean;
  window: boolean;
}

interface Props {
  seats: Seat[];
  wanted: number;
  onChosen(seats: Seat[]): void;
}

export function SeatMap({ seats, wanted, onChosen }: Props) {
  const [chosen, setChosen] = useState<Seat[]>([]);
  const rows = useMemo(() => groupByRow(seats), [seats]);

  function toggle(seat: Seat) {
    const without = chosen.filter((other) => other !== seat);
    const next = without.length < chosen.length ? without : [...chosen, seat].slice(-wanted);
    setChosen(next);
    if (next.length === wanted) onChosen(next);
  }

  return (
    <div role="grid" aria-label="Deck plan">
      {[...rows].map(([row, line]) => (
        <div role="row" key={row}>
          {line.map((seat) => (
            <button key={seat.letter} disabled={seat.taken} aria-pressed={chosen.includes(seat)} onClick={() => toggle(seat)}>
              {row}
              {seat.letter}
            </button>
          ))}
        </div>
      ))}
    </div>
  );
}

function groupByRow(seats: Seat[]): Map<number, Seat[]> {
  const rows = new Map<number, Seat[]>();
  for (const seat of seats) rows.set(seat.row, [...(rows.get(seat.row) ?? []), seat]);
  return rows;
}
