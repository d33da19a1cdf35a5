#!/usr/bin/env python3
"""Makes test/fixtures/tokenizer/chat.json: conversations as transformers' apply_chat_template writes them.

{NAME: {"template", "tokens", "cases": [{"messages", "text" or "error"}]}} for templates of the kinds that published models bring: turns with
marks, turns of instructions with a system message inside, roles that must alternate, blocks that trim what is said.
"""
import json
from pathlib import Path

from transformers.utils.chat_template_utils import render_jinja_template

OUT = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "tokenizer" / "chat.json"
TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}
TEMPLATES = {
    "marks": "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful "
    "assistant<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "instructions": "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}"
    "{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate user/assistant') }}{% endif %}"
    "{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\n' + system_message + '\n<</SYS>>\n\n' + message['content'] %}"
    "{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}"
    "{{ bos_token + '[INST] ' + content | trim + ' [/INST]' }}{% else %}{{ ' ' + content | trim + ' ' + eos_token }}{% endif %}{% endfor %}",
    "turns": "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}"
    "{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}",
    "headers": "{{- bos_token }}\n{%- if not date_string is defined %}\n    {%- set date_string = \"26 Jul 2024\" %}\n{%- endif %}\n"
    "{%- if messages[0]['role'] == 'system' %}\n    {%- set system_message = messages[0]['content']|trim %}\n    {%- set messages = messages[1:] %}\n"
    "{%- else %}\n    {%- set system_message = \"\" %}\n{%- endif %}\n{{- \"<|start_header_id|>system<|end_header_id|>\\n\\n\" }}\n"
    "{{- \"Today Date: \" + date_string + \"\\n\\n\" }}\n{{- system_message }}\n{{- \"<|eot_id|>\" }}\n{%- for message in messages %}\n"
    "    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}\n{%- endfor %}\n"
    "{%- if add_generation_prompt %}\n    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}\n{%- endif %}\n",
}
USER = {"role": "user", "content": " Is it {good} or [bad]?\n好 "}
SYSTEM = {"role": "system", "content": "Answer in one word."}
TURNS = [USER, {"role": "assistant", "content": "Good."}, {"role": "user", "content": "Why?"}]

result = {}
for name, template in TEMPLATES.items():
    cases = []
    for messages in [[USER], [SYSTEM, USER], TURNS, [SYSTEM, *TURNS]]:
        try:
            rendered, _ = render_jinja_template([messages], chat_template=template, add_generation_prompt=True, **TOKENS)
            cases.append({"messages": messages, "text": rendered[0]})
        except Exception as error:
            cases.append({"messages": messages, "error": str(error)})
    result[name] = {"template": template, "tokens": TOKENS, "cases": cases}
OUT.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")
