// SPDX-License-Identifier: Apache-2.0
import { createRoot } from 'react-dom/client';
import { App } from '@/app/App';
import { loadBundle } from '@/app/locales/load';
import { startI18n } from '@/shared/i18n/i18n';
import '@/shared/ui/base.css';

const root = document.getElementById('root');
if (root) void startI18n(loadBundle).then(() => createRoot(root).render(<App />));
