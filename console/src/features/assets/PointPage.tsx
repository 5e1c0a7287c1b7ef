// SPDX-License-Identifier: Apache-2.0
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useHref, usePathParams } from '@/shared/nav/address';
import { QueryView } from '@/shared/ui/states';
import type { Point } from '@/shared/api/types';
import { usePoint } from './api';

/** A point's address leads to its device with the point chosen, so that what belongs to it is around it. */
export function Page() {
  const { id = '' } = usePathParams();
  const point = usePoint(id);
  return <QueryView query={point}>{(data) => <Forward point={data} />}</QueryView>;
}

function Forward({ point }: { point: Point }) {
  const navigate = useNavigate();
  const href = useHref()(`assets/dev/${point.device}`, { point: point.id });
  useEffect(() => void navigate({ href, replace: true }), [navigate, href]);
  return null;
}
