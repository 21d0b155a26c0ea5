/**
 * Chat formats by model family, for models whose tokenizer files are not there. Each is a Jinja
 * template over `messages`, ending where the assistant begins to speak. The runtime adds the
 * beginning-of-sequence token itself. The last line stands in a string because Jinja drops the
 * newline at the end of a template.
 */

interface Family {
  name: string;
  /** Tried in order against the model's name. */
  pattern: RegExp;
  template: string;
}

const families: Family[] = [
  {
    name: 'deepseek-r1',
    pattern: /deepseek/i,
    template:
      '{% for m in messages %}' +
      "{% if m.role == 'system' %}{{ m.content }}" +
      "{% elif m.role == 'assistant' %}<｜Assistant｜>{{ m.content }}<｜end▁of▁sentence｜>" +
      '{% else %}<｜User｜>{{ m.content }}{% endif %}' +
      '{% endfor %}<｜Assistant｜>',
  },
  {
    name: 'llama-3',
    pattern: /llama-?3/i,
    template:
      '{% for m in messages %}<|start_header_id|>' +
      "{{ 'ipython' if m.role == 'tool' else m.role }}" +
      '<|end_header_id|>\n\n{{ m.content }}<|eot_id|>{% endfor %}' +
      "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}",
  },
  {
    name: 'gemma',
    pattern: /gemma/i,
    template:
      // It has no system role: the system message opens the user's turn.
      '{% for m in messages %}' +
      "{% if m.role == 'assistant' %}<start_of_turn>model\n{{ m.content }}<end_of_turn>\n{% else %}" +
      "{% if loop.first or loop.previtem.role != 'system' %}{{ '<start_of_turn>user\n' }}{% endif %}" +
      "{{ m.content }}{% if m.role == 'system' and not loop.last and loop.nextitem.role != 'assistant' %}" +
      "{{ '\n\n' }}{% else %}{{ '<end_of_turn>\n' }}{% endif %}" +
      '{% endif %}{% endfor %}' +
      "{{ '<start_of_turn>model\n' }}",
  },
  {
    name: 'phi-3',
    pattern: /phi-?3/i,
    template:
      '{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<|end|>\n{% endfor %}' +
      "{{ '<|assistant|>\n' }}",
  },
  {
    name: 'zephyr',
    pattern: /tinyllama|zephyr/i,
    template:
      '{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}</s>\n{% endfor %}' +
      "{{ '<|assistant|>\n' }}",
  },
];

const chatml: Family = {
  name: 'chatml',
  pattern: /./,
  template:
    '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}' +
    "{{ '<|im_start|>assistant\n' }}",
};

/** The family that the model's name tells; ChatML, which most converted models speak, otherwise. */
export function familyOf(modelName: string): Pick<Family, 'name' | 'template'> {
  return families.find(({ pattern }) => pattern.test(modelName)) ?? chatml;
}
