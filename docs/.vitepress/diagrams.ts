// Mermaid blocks: takes their text, and gives a drawing in the colors of the page, light or dark, made when the site is built.
import { renderMermaidSVG } from 'beautiful-mermaid'
import type { Markdown } from './links.ts'

const colors = {
  bg: 'var(--vp-c-bg)',
  fg: 'var(--vp-c-text-1)',
  line: 'var(--vp-c-text-2)',
  accent: 'var(--vp-c-brand-1)',
  muted: 'var(--vp-c-text-2)',
  surface: 'var(--vp-c-bg-soft)',
  border: 'var(--vp-c-border)',
}

/** Draws each block of the language `mermaid`. */
export function diagrams(md: Markdown): void {
  const render = md.renderer.rules.fence
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const token = tokens[index]
    if (token?.info.trim() === 'mermaid') {
      const svg = renderMermaidSVG(token.content, { ...colors, font: 'inherit', transparent: true })
      return `<div class="diagram" role="img" tabindex="0" v-pre>${svg.replace(/@import url\([^)]*\);?/g, '')}</div>\n`
    }
    return render ? render(tokens, index, options, env, self) : self.renderToken(tokens, index, options)
  }
}
