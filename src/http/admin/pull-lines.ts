import type { PullEvent, PullStatus } from '../../library/index.ts';

/** A pull as the list shows it. */
export function pullObject(status: PullStatus) {
  return {
    id: status.id,
    reference: status.reference,
    name: status.name,
    file: status.file,
    state: status.state,
    received_bytes: status.receivedBytes,
    size_bytes: status.sizeBytes,
    bytes_per_second: Math.round(status.bytesPerSecond),
    seconds_left: status.secondsLeft === null ? null : Math.round(status.secondsLeft),
    error: status.error ?? null,
  };
}

/** An event as a line tells it. */
export function eventLine(event: PullEvent): object {
  switch (event.type) {
    case 'start':
      return {
        event: 'start',
        file: event.file,
        size_bytes: event.sizeBytes,
        resumed_bytes: event.resumedBytes,
      };
    case 'progress':
      return {
        event: 'progress',
        file: event.file,
        received_bytes: event.receivedBytes,
        size_bytes: event.sizeBytes,
        bytes_per_second: Math.round(event.bytesPerSecond),
        seconds_left: event.secondsLeft === null ? null : Math.round(event.secondsLeft),
      };
    case 'verifying':
      return { event: 'verifying', file: event.file };
    case 'done':
      return { event: 'done', name: event.name, path: event.path };
  }
}
