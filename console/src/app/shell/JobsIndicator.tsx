// SPDX-License-Identifier: Apache-2.0
import { useT } from '@/shared/i18n/i18n';
import { formatPercent } from '@/shared/format/number';
import { useJobs } from '@/shared/jobs/jobs';

/** Ring, percent and name of the newest running job. */
export function JobsIndicator() {
  const t = useT();
  const running = useJobs().filter((job) => job.state === 'running');
  const job = running.at(-1);
  if (!job) return null;
  const turn = (job.progress ?? 0.25) * 37.7;
  return (
    <span className="kz-jobs" role="status" title={t('shell:jobs', { count: running.length })}>
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden>
        <circle cx="8" cy="8" r="6" fill="none" stroke="var(--kz-line)" strokeWidth="2.5" />
        <circle cx="8" cy="8" r="6" fill="none" stroke="var(--kz-accent)" strokeWidth="2.5" strokeDasharray={`${turn} 37.7`} transform="rotate(-90 8 8)" />
      </svg>
      <span className="kz-cut">{job.name}</span>
      {job.progress !== null && formatPercent(job.progress)}
    </span>
  );
}
