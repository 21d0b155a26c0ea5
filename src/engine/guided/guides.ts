import type { ResidentModel } from '../resident-model.ts';
import type { GenerationRequest } from '../types.ts';
import { RunCosts } from './costs.ts';
import type { Form } from './form.ts';

/** Makes the forms that answers are guaranteed to have, and keeps what guiding each model costs. */
export class Guides {
  readonly #costs = new WeakMap<ResidentModel, RunCosts>();

  /**
   * Null where the answer is free. Rejects with a `FormRefusal` that names what in the schema cannot
   * be guaranteed.
   */
  formOf(request: GenerationRequest): Promise<Form | null> | null {
    const { format, tools = [], toolChoice } = request;
    const isFree = toolChoice === undefined || toolChoice === 'auto' || toolChoice === 'none';
    if (format === undefined && (isFree || tools.length === 0)) return null;
    // Much code, and most requests never need it.
    return import('./form.ts').then(({ formOf }) => formOf(request));
  }

  costsOf(model: ResidentModel): RunCosts {
    const known = this.#costs.get(model);
    if (known) return known;
    const costs = new RunCosts();
    this.#costs.set(model, costs);
    return costs;
  }
}
