import { useT } from '@/shared/i18n/i18n';
import { Page as PageFrame } from '@/shared/ui/Page';

export function Page() {
  const t = useT();
  return <PageFrame title={t('overview:title')}>{null}</PageFrame>;
}
