/**
 * The version of Ollama whose API this is. Clients read dotted whole numbers and want at least
 * 0.6.4 (VS Code); thinking came with 0.9. rkllamad's own is in `GET /admin/status`.
 */
export const ollamaVersion = '0.12.6';
