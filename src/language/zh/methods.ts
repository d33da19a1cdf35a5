import type { Catalogue } from '../catalogue.js';

export const METHODS: Catalogue = {
  'a {0} adapter': '{0} 适配器',
  'an adapter for the task type {0}': '任务类型为 {0} 的适配器',
  'own weights for {0}': '{0}有自己的权重',
  '{0} describes {1}': '{0} 描述的是{1}',
  'an adapter that softprompt knows ({0}), for CAUSAL_LM or SEQ_2_SEQ_LM':
    'softprompt 认识的适配器（{0}），用于 CAUSAL_LM 或 SEQ_2_SEQ_LM',
  'Save it in PEFT as one of these, without what is said above.': '请在 PEFT 中另存为其中之一，去掉上面所说的内容。',
  'attention output': '注意力输出',
  'feed-forward output': '前馈输出',
  'bottleneck adapters behind attention and feed-forward blocks (Houlsby et al. 2019)':
    '注意力和前馈块之后的瓶颈适配器（Houlsby et al. 2019）',
  'it holds {0}': '它含有 {0}',
  '{0} has the number type {1}': '{0} 的数值类型为 {1}',
  '{0} has the shape [{1}]': '{0} 的形状为 [{1}]',
  'at least one number': '至少一个数',
  'it holds nothing': '它是空的',
  'row {0} of {1} holds {2}': '{1} 的第 {0} 行含有 {2}',
  'finite numbers': '有限的数',
  '{0} holds nothing that was learned: {1}': '{0} 中没有学到的内容：{1}',
  'Tune again, or take an undamaged copy.': '请重新学习，或取一份完好的副本。',
  'BitFit: the biases of all layers (Ben Zaken et al. 2022)': 'BitFit：所有层的偏置（Ben Zaken et al. 2022）',
  'No linear layer to change': '没有可更改的线性层',
  'The model has no linear layer named {0}': '模型没有名为 {0} 的线性层',
  'of these: {0}': '以下之中：{0}',
  'Name those that the model has (--target-modules), or leave it out.':
    '请写出模型具有的层（--target-modules），或省略它。',
  'context prompts: learned tokens that start as labelled examples and stay near them (Tsachor et al. 2025)':
    '上下文提示：以带标签的例子为起点、并保持在其附近的可学习词元（Tsachor et al. 2025）',
  'a number above 0': '大于 0 的数',
  'fine-tuning: all weights of the model': '微调：模型的全部权重',
  "a linear probe: logistic regression on the frozen model's states (Alain & Bengio 2017)":
    '线性探针：对冻结模型的状态做逻辑回归（Alain & Bengio 2017）',
  'queries, keys and values': '查询、键和值',
  '(IA)³: learned scales of keys, values and feed-forward activations (Liu et al. 2022)':
    '(IA)³：学习键、值和前馈激活的缩放（Liu et al. 2022）',
  'scales without the list of their layers (target_modules)': '没有列出所属层（target_modules）的缩放',
  'The prompt to start from has {0} numbers': '作为起点的提示有 {0} 个数',
  'learned tokens of {0} numbers each, the width of this model': '每个可学习词元有 {0} 个数，即本模型的宽度',
  'Start from a prompt that was learned for the same model.': '请以为同一模型学到的提示为起点。',
  'The text {0} to start from has no tokens': '作为起点的文本 {0} 没有词元',
  'at least one word': '至少一个词',
  "Give some words, for instance a description of the task (--init 'words:…').":
    "请给出一些词，例如任务的描述（--init 'words:…'）。",
  'LoRA: low-rank updates of linear layers (Hu et al. 2022)': 'LoRA：线性层的低秩更新（Hu et al. 2022）',
  'a LoRA with {0}: {1}': '带有{0}的 LoRA：{1}',
  'a LoRA that does not list its layers (target_modules)': '没有列出所属层（target_modules）的 LoRA',
  '{0} numbers for {1} rows': '{0} 个数，{1} 行',
  'names, separated by commas': '用逗号分隔的名称',
  'of lora: r, the rank of the updates': '用于 lora：r，更新的秩',
  'of lora: α, updates count α/r': '用于 lora：α，更新按 α/r 计',
  'of lora: updates count α/√r (Kalajdzievski 2023)': '用于 lora：更新按 α/√r 计（Kalajdzievski 2023）',
  'of lora and ia3: the linear layers that are changed, by their names or the ends of these, such as q_proj,v_proj':
    '用于 lora 和 ia3：被更改的线性层，用其名称或名称的结尾表示，例如 q_proj,v_proj',
  "PEFT's for the family": 'PEFT 对该系列的默认值',
  'of p-tuning: what makes the learned tokens': '用于 p-tuning：由什么生成可学习词元',
  'of p-tuning and of a projected prefix: the width inside the encoder':
    '用于 p-tuning 和带投影的前缀：编码器内部的宽度',
  "the model's": '与模型相同',
  'of p-tuning with an LSTM: its layers': '用于带 LSTM 的 p-tuning：它的层数',
  'of prefix: a perceptron makes it while it is trained (Li & Liang 2021, 4.3)':
    '用于 prefix：训练期间由一个感知机生成它（Li & Liang 2021, 4.3）',
  "of cpt: how far a token may leave its word, in PEFT's unit, √(width / 2048)":
    '用于 cpt：词元可以离开其词多远，单位与 PEFT 相同，√(宽度 / 2048)',
  'of adapter: the width inside': '用于 adapter：内部宽度',
  'of head: how many labels there are': '用于 head：有多少个标签',
  'The setting {0} of the method {1}': '方法 {1} 的设置 {0}',
  'no such settings: it has none': '没有这样的设置：该方法没有任何设置',
  'Leave it out, or choose another method (--method).': '请省略它，或选择另一种方法（--method）。',
  "multitask prompt tuning: a shared prompt times the task's own low-rank part (Wang et al. 2023)":
    '多任务提示微调：共享提示乘以任务自己的低秩部分（Wang et al. 2023）',
  'a prompt of {0} tasks, of which one must be taken': '{0} 个任务的提示，必须从中取一个',
  'P-tuning: learned tokens made by an encoder, MLP or LSTM (Liu et al. 2021)':
    'P-tuning：由编码器（MLP 或 LSTM）生成的可学习词元（Liu et al. 2021）',
  'a prefix: learned keys and values in every layer (Li & Liang 2021; P-tuning v2)':
    '前缀：每一层中可学习的键和值（Li & Liang 2021；P-tuning v2）',
  'a prefix without num_layers': '没有 num_layers 的前缀',
  'what is to be started from has {0} numbers': '作为起点的内容有 {0} 个数',
  '{0}, as the method {1} learns with these settings': '{0} 个，即方法 {1} 在这些设置下所学的数目',
  'Start from what was learned with the same settings for the same model.':
    '请以同一模型、同样设置下学到的内容为起点。',
  'a soft prompt: learned input embeddings (Lester et al. 2021)': '软提示：可学习的输入嵌入（Lester et al. 2021）',
  'a prompt with rows for the decoder too (num_transformer_submodules {0})':
    '解码器也有若干行的提示（num_transformer_submodules {0}）',
  "the initialisation '{0}' of the method {1}": '方法 {1} 的初始化“{0}”',
  'one that the method has': '该方法具有的一种',
  'Leave it out (--init).': '请省略它（--init）。',
  'number of candidates of the search': '搜索的候选数',
  'time budget of the search, in seconds,': '搜索的时间预算（秒）',
  'a whole number above 1': '大于 1 的整数',
  'a share above 0, up to 1': '大于 0、至多 1 的比例',
  'a whole number from 1 to the batch size': '1 到批大小的整数',
  'best {0}': '最佳 {0}',
  "its format is '{0}'": '它的格式是“{0}”',
  'it does not say its format': '它没有写明格式',
  'its weights and moments do not fit': '它的权重和矩不匹配',
  'an earlier version of softprompt wrote it': '由较早版本的 softprompt 写出',
  'The training state {0} cannot be used: {1}': '训练状态 {0} 无法使用：{1}',
  "the file as softprompt wrote it, of the format '{0}'": 'softprompt 写出的原文件，格式为“{0}”',
  'Resume with the version of softprompt that wrote it, or start anew: the command that began the run, with --overwrite.':
    '请用写出它的 softprompt 版本继续，或重新开始：运行最初的命令，并加上 --overwrite。',
  "it has the tensor '{0}' of another type than F32": '它的张量“{0}”不是 F32 类型',
  "The loss of update {0} is {1}, its gradient's norm {2}, the rate {3}":
    '第 {0} 次更新的损失为 {1}，梯度范数为 {2}，学习率为 {3}',
  'finite numbers, before the update and after it': '更新前后都是有限的数',
  'at least one example': '至少一条样本',
  'Lower the learning rate (--lr); the last saved state is untouched.':
    '请降低学习率（--lr）；最后保存的状态没有变动。',
  'of lora: share of what enters the updates that training leaves out': '用于 lora：训练时在进入更新的数中舍去的比例',
};
