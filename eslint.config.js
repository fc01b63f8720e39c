import js from '@eslint/js'
import globals from 'globals'
import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

/**
 * Who may import what (docs/architecture.md has the table). `allowed` are the packages of ours that a part may name; a package is always
 * entered by its public door.
 */
const ours = [
  'domain',
  'contracts',
  'store',
  'embedded',
  'service-kit',
  'testkit',
  'gateway',
  'api',
  'simulator',
  'screen',
]

const boundary = (files, allowed, { also = [], ignores = [] } = {}) => ({
  files,
  ignores,
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^@gridkeeper/(${ours.filter((name) => !allowed.includes(name)).join('|')})(/|$)`,
            message: `This part may import ${allowed.length === 0 ? 'none of our packages' : allowed.join(', ')} only.`,
          },
          { regex: '^@gridkeeper/[^/]+/', message: 'Enter a package by its public door.' },
          { regex: '^\\.\\./.*(packages|apps)/', message: 'Enter a package by its public door.' },
          ...also,
        ],
      },
    ],
  },
})

const noNode = { regex: '^node:', message: 'Runs in a browser, too: nothing of Node.' }
const noLibrary = { regex: '^[^.]', message: 'The domain imports nothing.' }
const tests = ['**/*.test.ts']

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '.data/**',
      '**/.turbo/**',
      'load-tests/results/**',
      '.gl/**',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strict,
  ...vue.configs['flat/recommended'],
  {
    languageOptions: { globals: globals.node },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'preserve-caught-error': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['packages/*/src/**/*.ts', 'apps/{gateway,api,simulator}/src/**/*.ts', 'load-tests/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser }, globals: globals.browser },
  },
  {
    files: ['apps/screen/**/*.{ts,vue}'],
    languageOptions: { globals: globals.browser },
    rules: {
      // Formatting is the formatter's.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'no-undef': 'off',
    },
  },
  {
    files: ['packages/domain/src/**/*.ts'],
    ignores: tests,
    rules: {
      'no-restricted-globals': [
        'error',
        'process',
        'performance',
        'setTimeout',
        'setInterval',
        'fetch',
        'Buffer',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time comes in as an argument.' },
        { object: 'Math', property: 'random', message: 'Chance comes in as an argument.' },
      ],
    },
  },
  boundary(['packages/domain/src/**/*.ts'], [], { also: [noLibrary], ignores: tests }),
  boundary(['packages/contracts/src/**/*.ts'], ['domain'], {
    also: [
      { regex: '^(?!zod$|@gridkeeper/domain$|\\.)', message: 'The contracts import the domain and zod.' },
    ],
    ignores: tests,
  }),
  boundary(['packages/{store,embedded,service-kit}/src/**/*.ts'], ['domain', 'contracts', 'service-kit'], {
    ignores: tests,
  }),
  boundary(
    ['packages/{store,embedded,service-kit}/src/**/*.test.ts'],
    ['domain', 'contracts', 'service-kit', 'testkit'],
  ),
  boundary(['packages/testkit/src/**/*.ts'], ['domain', 'contracts', 'store', 'embedded', 'service-kit']),
  boundary(['apps/{gateway,api}/src/**/*.ts'], ['domain', 'contracts', 'store', 'service-kit', 'testkit']),
  boundary(['apps/simulator/src/**/*.ts'], ['domain', 'contracts', 'service-kit']),
  boundary(['apps/screen/src/**/*.{ts,vue}'], ['domain', 'contracts'], {
    also: [noNode],
    ignores: [...tests, '**/*.browser.test.ts'],
  }),
)
