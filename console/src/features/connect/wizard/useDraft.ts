// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useRef, useState } from 'react';
import { get } from '@/shared/api/client';
import type { Driver, Link } from '@/shared/api/types';
import { defaultsOf } from '@/shared/form/schema';
import { useSearchState } from '@/shared/nav/address';
import { useWorkplace } from '@/shared/session/workplace';
import { forgetDraft, readDraft, writeDraft } from './draft';
import { freshState, type WizardState } from './state';

const WAIT_MS = 600;

/** State of the wizard, kept in the browser while it is being filled in; `?link=` starts on a saved source. */
export function useDraft(drivers: readonly Driver[]) {
  const { tenant, path } = useWorkplace();
  const [search, setSearch] = useSearchState();
  const wanted = search['link'];
  const [state, setState] = useState<WizardState>(() => (wanted ? freshState : (readDraft(tenant.id)?.state ?? freshState)));
  /** When the draft was kept; null before, false when the browser had no room. */
  const [keptAt, setKeptAt] = useState<number | null | false>(null);
  const forgotten = useRef(false);
  const change = useCallback((part: Partial<WizardState>) => {
    forgotten.current = false;
    setState((old) => ({ ...old, ...part }));
  }, []);
  const first = useRef({ wanted, drivers, path, setSearch });
  useEffect(() => {
    const { wanted: link, drivers: all, path: to, setSearch: set } = first.current;
    if (!link) return;
    get<Link>(to(`/links/${encodeURIComponent(link)}`)).then((found) => {
      const driver = all.find((item) => item.id === found.driver);
      if (driver) setState({ ...freshState, driver: driver.id, link: found.id, linkConfig: defaultsOf(driver.link_schema), deviceConfig: defaultsOf(driver.device_schema) });
      set({ step: driver ? 'connection' : undefined, link: undefined });
    }, () => set({ link: undefined }));
  }, []);
  const start = useRef(state);
  useEffect(() => {
    if (state === start.current || state.driver === null || forgotten.current) return undefined;
    const timer = setTimeout(() => {
      if (forgotten.current) return;
      const schema = drivers.find((driver) => driver.id === state.driver)?.link_schema;
      setKeptAt(writeDraft(tenant.id, state, schema) ? Date.now() : false);
    }, WAIT_MS);
    return () => clearTimeout(timer);
  }, [state, drivers, tenant.id]);
  const forget = useCallback(() => {
    forgotten.current = true;
    forgetDraft(tenant.id);
    setKeptAt(null);
  }, [tenant.id]);
  return { state, setState, change, keptAt, forget };
}
