// SPDX-License-Identifier: Apache-2.0
import { useT } from '@/shared/i18n/i18n';
import { Empty, ErrorState } from '@/shared/ui/states';
import { useTitle } from '@/shared/ui/Page';

export function NotFound() {
  const t = useT();
  useTitle(t('shell:notFound.title'));
  return <Empty title={t('shell:notFound.title')} text={t('shell:notFound.text')} action={<a href="/">{t('shell:notFound.home')}</a>} />;
}

export function RouteError({ error, reset }: { error: unknown; reset: () => void }) {
  return <ErrorState error={error} onRetry={reset} />;
}
