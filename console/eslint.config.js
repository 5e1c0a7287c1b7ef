// SPDX-License-Identifier: Apache-2.0
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

// The layers: src/app -> src/features/<name> -> src/shared, downward only; a feature never imports another.
const restrict = (patterns) => ({
  'no-restricted-imports': ['error', { patterns: patterns.map(([group, message]) => ({ group, message })) }],
});

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'src/**/*.gen.ts'] },
  ...tseslint.configs.strict,
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      'max-lines': ['error', { max: 500 }],
      'no-console': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true } }],
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    files: ['src/**/*.tsx'],
    ignores: ['src/**/*.test.tsx'],
    rules: { 'max-lines-per-function': ['error', { max: 150, skipBlankLines: true, skipComments: true }] },
  },
  {
    files: ['src/shared/**/*.{ts,tsx}'],
    rules: restrict([
      [['@/features/**', '@/app/**', '**/features/**', '**/app/**'], 'shared imports neither features nor app'],
    ]),
  },
  {
    files: ['src/features/**/*.{ts,tsx}'],
    rules: restrict([
      [['@/features/**', '@/app/**'], 'a feature imports only its own files (relative) and @/shared'],
      [['../../**'], 'leave the feature folder only through @/shared'],
    ]),
  },
);
