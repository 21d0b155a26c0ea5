/** Go's template language, which Ollama's Modelfiles use, has words and dots in `{{ }}` that Jinja has not. */
export function isGoTemplate(source: string): boolean {
  return /\{\{-?\s*(?:[.$]|(?:if|range|with|else|end|define|block|template)\b)/.test(source);
}
