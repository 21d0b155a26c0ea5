/** The template itself says no to these messages (`raise_exception`), in its own words. */
export class TemplateRefusal extends Error {}
