// SPDX-License-Identifier: Apache-2.0
import { Fragment } from 'react';

/** Text of a language file with `<b>…</b>` in it; nothing else is markup, so values cannot inject any. */
export function Rich({ text }: { text: string }) {
  return (
    <>
      {text.split(/(<b>.*?<\/b>)/).map((part, index) =>
        part.startsWith('<b>') && part.endsWith('</b>') ? <strong key={index}>{part.slice(3, -4)}</strong> : <Fragment key={index}>{part}</Fragment>,
      )}
    </>
  );
}
