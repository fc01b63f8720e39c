import { formatNumber } from '../i18n/format.ts'

/** 1 KiB is 1,024 bytes. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`
  const kibibytes = bytes / 1_024
  return kibibytes < 1_024 ? `${formatNumber(kibibytes, 1)} KiB` : `${formatNumber(kibibytes / 1_024, 1)} MiB`
}
