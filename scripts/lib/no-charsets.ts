/**
 * Takes the place of iconv-lite in the bundle: its tables are a fifth of the daemon's text. Bodies
 * are read as bytes (src/http/body.ts), so nothing asks for a charset.
 */
export function encodingExists(): boolean {
  return false;
}
