import { findKind } from '@gridkeeper/domain'
import { useLanguage } from '../i18n/i18n.ts'

/** Words for codes; a code that has none yet is its own word. */
export function useIntakeWords() {
  const { t, te, language } = useLanguage()
  const word = (path: string, code: string) => (te(`${path}.${code}`) ? t(`${path}.${code}`) : code)
  return {
    rejectWord: (code: string) => word('intake.reject', code),
    refusalWord: (code: string) => word('intake.refusal', code),
    protocolWord: (code: string) => word('intake.protocol', code),
    sourceWord: (code: string) => word('intake.source', code),
    tableWord: (code: string) =>
      findKind(code.replace(/^reading_/, ''))?.label[language.value] ?? word('intake.gateway.table', code),
    shedWord: (code: string) => word('intake.gateway.shedWhat', code),
    kindWord: (code: string) => findKind(code)?.label[language.value] ?? code,
    problemWord: (code: string) =>
      te(`intake.problem.${code}`) ? t(`intake.problem.${code}`) : t('intake.problem.unexpected'),
  }
}
