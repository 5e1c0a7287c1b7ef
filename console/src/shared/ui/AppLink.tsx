// SPDX-License-Identifier: Apache-2.0
import { useNavigate } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, MouseEvent } from 'react';
import { useHref } from '@/shared/nav/address';

type Props = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> & {
  /** Within the present tenant and site: `assets/dev/x`. */
  path: string;
  search?: Record<string, string | undefined> | undefined;
};

/** A real link (new tab, copy address) that moves without reloading the page. */
export function AppLink({ path, search, onClick, ...rest }: Props) {
  const navigate = useNavigate();
  const href = useHref()(path, search);
  const click = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void navigate({ href });
  };
  return <a {...rest} href={href} onClick={click} />;
}
