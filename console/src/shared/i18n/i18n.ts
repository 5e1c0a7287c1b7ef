// SPDX-License-Identifier: Apache-2.0
import i18next, { type TFunction } from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';

export type Language = 'en' | 'zh';
export type Bundle = Record<string, Record<string, unknown>>;
export type BundleLoader = (language: Language) => Promise<Bundle>;

const KEY = 'karez.language';
let load: BundleLoader = () => Promise.resolve({});

function firstLanguage(): Language {
  try {
    const stored = localStorage.getItem(KEY);
    if (stored === 'en' || stored === 'zh') return stored;
  } catch {
    // No storage: fall through to the browser's language.
  }
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

async function loadInto(language: Language): Promise<void> {
  const bundle = await load(language);
  for (const [namespace, keys] of Object.entries(bundle)) i18next.addResourceBundle(language, namespace, keys);
}

/** Starts i18next with the texts of one language; the other one loads when chosen. */
export async function startI18n(loader: BundleLoader, language: Language = firstLanguage()): Promise<void> {
  load = loader;
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    ns: [],
    defaultNS: 'common',
    interpolation: { escapeValue: false },
    react: { useSuspense: false, bindI18nStore: 'added' },
  });
  await setLanguage(language);
}

export async function setLanguage(language: Language): Promise<void> {
  await loadInto(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // The choice lasts until reload.
  }
}

export function currentLanguage(): Language {
  return i18next.language === 'zh' ? 'zh' : 'en';
}

/** Texts by full key, always `namespace:path.to.key`, so that a test can find every key used. */
export function useT(): TFunction {
  return useTranslation().t;
}

export function useLanguage(): Language {
  return useTranslation().i18n.language === 'zh' ? 'zh' : 'en';
}

/** For texts outside components. */
export const translate: TFunction = ((...args: Parameters<TFunction>) => i18next.t(...args)) as TFunction;
