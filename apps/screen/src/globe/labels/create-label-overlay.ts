import { declutter, type PlacedLabel } from './declutter.ts'
import type { Label } from './label.ts'
import type { View } from '../view.ts'

export interface LabelOverlay {
  set(source: string, labels: readonly Label[]): void
  /** Puts every label where the view has it. */
  place(view: View): void
  dispose(): void
}

const mostShown = 140

interface Shown {
  readonly node: HTMLElement
  label: Label
  px: number
  py: number
}

function fill(node: HTMLElement, label: Label): void {
  node.className = `scene-label scene-label-${label.look}`
  const parts: HTMLElement[] = []
  if (label.text) {
    const name = document.createElement('span')
    name.className = 'scene-label-name'
    name.textContent = label.text
    parts.push(name)
  }
  if (label.counts && label.counts.length > 0) {
    const row = document.createElement('span')
    row.className = 'scene-label-counts'
    for (const count of label.counts) {
      const part = document.createElement('span')
      part.className = `scene-count scene-count-${count.state}`
      part.textContent = count.text
      row.append(part)
    }
    if (label.total !== undefined) {
      const of = document.createElement('span')
      of.className = 'scene-label-total'
      of.textContent = `/ ${label.total}`
      row.append(of)
    }
    parts.push(row)
  }
  node.replaceChildren(...parts)
}

const saysTheSame = (a: Label, b: Label) =>
  a.text === b.text &&
  a.look === b.look &&
  a.total === b.total &&
  a.counts?.length === b.counts?.length &&
  (a.counts ?? []).every(({ state, text }, i) => state === b.counts?.[i]?.state && text === b.counts[i].text)

/** HTML labels above the canvas, kept by key; a node is touched only when its text or place changed. */
export function createLabelOverlay(host: HTMLElement): LabelOverlay {
  const sources = new Map<string, readonly Label[]>()
  const shown = new Map<string, Shown>()
  let all: readonly Label[] = []

  const show = ({ label, px, py }: PlacedLabel) => {
    let entry = shown.get(label.key)
    if (entry === undefined) {
      entry = { node: document.createElement('div'), label, px: NaN, py: NaN }
      fill(entry.node, label)
      host.append(entry.node)
      shown.set(label.key, entry)
    } else if (entry.label !== label) {
      if (!saysTheSame(entry.label, label)) fill(entry.node, label)
      entry.label = label
    }
    if (entry.px === px && entry.py === py) return
    entry.px = px
    entry.py = py
    entry.node.style.transform = `translate(${px.toFixed(1)}px, ${py.toFixed(1)}px) translate(-50%, -50%)`
  }

  return {
    set(source, labels) {
      sources.set(source, labels)
      all = [...sources.values()].flat()
    },
    place(view) {
      const placed = declutter(all, view, mostShown).filter(({ label }) => label.text !== '' || label.counts)
      const keys = new Set(placed.map(({ label }) => label.key))
      for (const [key, entry] of shown) {
        if (keys.has(key)) continue
        entry.node.remove()
        shown.delete(key)
      }
      placed.forEach(show)
    },
    dispose() {
      host.replaceChildren()
      shown.clear()
      sources.clear()
    },
  }
}
