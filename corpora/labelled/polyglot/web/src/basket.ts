import type { Sailing } from "./api";

export type Passenger = "adult" | "child" | "bicycle" | "car";

export interface Line {
  sailing: Sailing;
  passengers: Record<Passenger, number>;
}

const STORAGE_KEY = "tidewater.basket.v2";
const HELD_FOR_MS = 15 * 60 * 1000;

interface Stored {
  savedAt: number;
  lines: Line[];
}

export class Basket {
  private lines: Line[] = [];
  private readonly listeners = new Set<() => void>();

  constructor(private readonly storage: Storage, private readonly now: () => number = Date.now) {
    this.lines = this.restore();
  }

  add(line: Line): void {
    const same = this.lines.find((other) => other.sailing.id === line.sailing.id);
    if (same) {
      for (const kind of Object.keys(line.passengers) as Passenger[]) {
        same.passengers[kind] = (same.passengers[kind] ?? 0) + line.passengers[kind];
      }
    } else {
      this.lines.push(line);
    }
    this.changed();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private changed(): void {
    const stored: Stored = { savedAt: this.now(), lines: this.lines };
    this.storage.setItem(STORAGE_KEY, JSON.stringify(stored));
    this.listeners.forEach((listener) => listener());
  }

  private restore(): Line[] {
    const text = this.storage.getItem(STORAGE_KEY);
    if (text === null) return [];
    try {
      const stored = JSON.parse(text) as Stored;
      return this.now() - stored.savedAt > HELD_FOR_MS ? [] : stored.lines;
    } catch {
      return [];
    }
  }
}
