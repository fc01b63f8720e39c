import { computed, type ComputedRef } from 'vue'
import { createI18n, useI18n } from 'vue-i18n'
import { en } from './en.ts'
import type { Language } from './format.ts'
import { zh } from './zh.ts'

const key = 'gridkeeper.language'

function storedLanguage(): Language {
  try {
    return localStorage.getItem(key) === 'en' ? 'en' : 'zh'
  } catch {
    return 'zh'
  }
}

export const i18n = createI18n({
  legacy: false,
  locale: storedLanguage(),
  fallbackLocale: 'zh',
  messages: { zh, en },
})

function tellDocument(language: Language) {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
}
if (typeof document !== 'undefined') tellDocument(storedLanguage())

/** The language in use, `t`, and the switch, which is kept for the next visit. */
export function useLanguage() {
  const { t, te, locale } = useI18n()
  const language: ComputedRef<Language> = computed(() => (locale.value === 'en' ? 'en' : 'zh'))
  const choose = (next: Language) => {
    locale.value = next
    tellDocument(next)
    try {
      localStorage.setItem(key, next)
    } catch {
      // A browser that keeps nothing still shows the chosen language now.
    }
  }
  return { t, te, language, choose }
}
