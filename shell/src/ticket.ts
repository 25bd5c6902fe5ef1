import { type Fault, FaultCode } from "./frames";

/** What the host answers when the page asks for a ticket. */
export interface Ticket { ticket: string; plugin: string; name: string; version: string }

/** When to ask again while the network is away, in ms. */
const delays = [0, 1000, 3000, 10_000];

/** Asks for a ticket to show what is bound to a place. The answer may be a refusal, in words for the person; its code is 0 if nobody answered. */
export async function askTicket(base: string, place: string): Promise<Ticket | Fault> {
  for (const delay of delays) {
    await new Promise((then) => setTimeout(then, delay));
    const answer = await fetch(`${base}tickets`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ place }),
    }).catch(() => undefined);
    const body = (await answer?.json().catch(() => undefined)) as (Ticket & { error?: unknown }) | undefined;
    if (answer?.ok && body) return body;
    if (answer) {
      const retry = Number(answer.headers.get("Retry-After")) * 1000 || 0;
      return { code: FaultCode.Unavailable, retry, text: String(body?.error ?? `The plugin cannot be shown (${answer.status}).`) };
    }
  }
  return { code: 0, retry: 0, text: "The server cannot be reached." };
}
