export interface Sailing {
  id: string;
  from: string;
  to: string;
  departs: string;
  seatsLeft: number;
}

export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
    this.name = "ApiError";
  }
}

const RETRIED = new Set([429, 502, 503, 504]);

export async function request<T>(path: string, init: RequestInit = {}, attempts = 3): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`/api${path}`, { ...init, credentials: "same-origin" });
    if (response.ok) return (await response.json()) as T;
    if (attempt >= attempts || !RETRIED.has(response.status)) {
      throw new ApiError(response.status, await response.text());
    }
    await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt));
  }
}

export const sailings = (from: string, to: string, day: string): Promise<Sailing[]> =>
  request(`/sailings?${new URLSearchParams({ from, to, day })}`);
