import { ApplianceError } from '../../errors.ts';

/** A form that cannot be guaranteed. */
export class FormRefusal extends ApplianceError {
  /** The field of the request that asks for it. */
  readonly field: 'format' | 'tools' | 'toolChoice';

  constructor(field: FormRefusal['field'], message: string, cause?: unknown) {
    super('invalid_request', message, { cause });
    this.field = field;
  }
}
