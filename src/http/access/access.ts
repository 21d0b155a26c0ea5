/**
 * Who may ask a route for something over TCP; the admin socket may everything.
 *
 * - `open`: everybody, always.
 * - `inference`: any API key; everybody, where no keys are required.
 * - `admin`: an API key of scope admin; everybody, where no keys are required.
 * - `owner`: an API key of scope admin; nobody, where no keys are required.
 */
export type Access = 'open' | 'inference' | 'admin' | 'owner';
