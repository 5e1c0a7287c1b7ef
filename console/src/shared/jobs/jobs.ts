// SPDX-License-Identifier: Apache-2.0
import { useSyncExternalStore } from 'react';

/** Something longer than a second that the user started: import, export, browse. */
export interface Job {
  id: string;
  name: string;
  /** 0 to 1; null when it cannot be told. */
  progress: number | null;
  state: 'running' | 'done' | 'failed';
  cancel?: () => void;
}

let jobs: readonly Job[] = [];
const listeners = new Set<() => void>();

function set(next: readonly Job[]): void {
  jobs = next;
  for (const notify of listeners) notify();
}

/** Shows the job in the top bar, or its new state. */
export function reportJob(job: Job): void {
  set(jobs.some((item) => item.id === job.id) ? jobs.map((item) => (item.id === job.id ? job : item)) : [...jobs, job]);
}

export function forgetJob(id: string): void {
  set(jobs.filter((item) => item.id !== id));
}

export function useJobs(): readonly Job[] {
  return useSyncExternalStore((notify) => {
    listeners.add(notify);
    return () => listeners.delete(notify);
  }, () => jobs);
}
