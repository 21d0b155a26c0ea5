import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Colours for one stream: none where it is no terminal, with NO_COLOR or with `TERM=dumb`. */
export class Styler {
  readonly #isOn: boolean;

  constructor(stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv) {
    const refused = environment['NO_COLOR'] || environment['TERM'] === 'dumb';
    this.#isOn = stream.isTTY === true && !refused;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  paint(style: Style, text: string): string {
    return this.#isOn && text !== '' ? styleText(style, text, { validateStream: false }) : text;
  }
}
