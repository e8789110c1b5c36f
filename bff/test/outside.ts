/** A provider whose every answer is written down beforehand, for tests of how answers are read. */
import type { Outbound, OutboundRequest, OutboundResult } from '../src/http.ts';

/** Returns the caller, and the requests that were made of it; answers beyond the last one repeat it. */
export function answering(...answers: OutboundResult[]) {
  const requests: OutboundRequest[] = [];
  const outbound: Outbound = async (request) => {
    requests.push(request);
    const answer = answers[Math.min(requests.length, answers.length) - 1];
    if (!answer) throw new Error('Nobody expected this request.');
    return answer;
  };
  return { outbound, requests };
}

/** A JSON answer; a string is sent as it stands. */
export function json(body: unknown, status = 200): OutboundResult {
  return raw(
    typeof body === 'string' ? body : JSON.stringify(body),
    'application/json; charset=utf-8',
    status,
  );
}

export function raw(text: string, contentType: string, status = 200): OutboundResult {
  return { ok: true, status, contentType, text };
}
