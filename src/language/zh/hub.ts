import type { Catalogue } from '../catalogue.js';

export const HUB: Catalogue = {
  '100,000 ratings of films, 1997–1998': '100,000 个电影评分，1997–1998',
  '1 million ratings of films, 2000–2003': '100 万个电影评分，2000–2003',
  '10 million ratings of films, 1995–2009': '1000 万个电影评分，1995–2009',
  '20 million ratings of films, 1995–2015': '2000 万个电影评分，1995–2015',
  '25 million ratings of films, 1995–2019': '2500 万个电影评分，1995–2019',
  '100,000 ratings of films, up to recent years': '100,000 个电影评分，直到近年',
  '10,662 sentences of film reviews, positive or negative (English)': '10,662 句影评，正面或负面（英文）',
  "There is no data set '{0}'": '没有数据集“{0}”',
  'See `npx softprompt data fetch --list`.': '请看 `npx softprompt data fetch --list`。',
  'MD5 {0} instead of {1}': 'MD5 为 {0}，而应为 {1}',
  'a digest in {0}.md5': '{0}.md5 中的摘要',
  "The mirror is '{0}', which is no web address": '镜像为“{0}”，它不是网址',
  '{0} is taken as it is: its digest, {1}.md5, could not be fetched': '{0} 按原样使用：无法取得它的摘要 {1}.md5',
  '{0} has the MD5 {1}': '{0} 的 MD5 为 {1}',
  '{0} came with the MD5 {1}': '{0} 到达时的 MD5 为 {1}',
  'Remove it, and run the command again or download it anew.': '请删除它，并再次运行该命令或重新下载。',
  'Nothing was kept. Try again; if it stays so, something between here and the publisher (a proxy, a mirror) alters files.':
    '没有保留任何内容。请重试；如果仍然如此，说明从这里到发布方之间有某处（代理、镜像）改动了文件。',
  'another place with --out': '用 --out 指定的另一个位置',
  '{0} (the whole takes {1} MiB)': '{0}（全部需要 {1} MiB）',
  'the data set {0} at {1}': '{1} 处的数据集 {0}',
  'Try again with a network connection, or give a mirror with --endpoint. Or download {0} elsewhere, put it at {1}, and run the command again. With no network, `npx softprompt start` shows everything on the sample data that comes along.':
    '请在联网时重试，或用 --endpoint 指定镜像。也可以在别处下载 {0}，放到 {1}，再运行该命令。没有网络时，`npx softprompt start` 用随附的样例数据展示全部功能。',
  'has no {0}': '没有 {0}',
  'holds a {0} of impossible size': '含有大小不合理的 {0}',
  'cannot be unpacked: {0}': '无法解压：{0}',
  'the zip as its publisher offers it': '发布方提供的原 zip 文件',
  'Remove the file and run the command again, so that it is downloaded anew.':
    '请删除该文件并再次运行命令，以便重新下载。',
  "{0} is the hub's cache of {1}, with {2} snapshots and none for 'main'":
    '{0} 是 {1} 的模型库缓存，有 {2} 个快照，没有 “main” 的快照',
  'the folder of one snapshot, or the id of the model': '某个快照的文件夹，或模型的 id',
  'Download it: give {0} as the model.': '请下载它：把 {0} 作为模型给出。',
  'Give one of them: {0}.': '请给出其中之一：{0}。',
  "{0} is the hub's cache, which holds {1}{2}": '{0} 是模型库缓存，含有 {1}{2}',
  'one model': '一个模型',
  'Give its id, such as {0}: it is found in the cache (of another place with HF_HUB_CACHE={1}).':
    '请给出它的 id，例如 {0}：会在缓存中找到它（缓存在别处时用 HF_HUB_CACHE={1}）。',
  'the checksum {0}': '校验和 {0}',
  'download the model elsewhere and give its folder, or set HF_ENDPOINT to a mirror (for instance https://hf-mirror.com)':
    '在别处下载模型并给出其文件夹，或把 HF_ENDPOINT 设为镜像（例如 https://hf-mirror.com）',
  'HTTPS_PROXY is used only with NODE_USE_ENV_PROXY=1, by Node 22.21 or 24 on.':
    'HTTPS_PROXY 只有在 NODE_USE_ENV_PROXY=1 时才生效，要求 Node 22.21 或 24 以上。',
  'a network connection to the hub': '能连接到模型库的网络',
  'This machine may be offline. Check the network, or {0}.{1}': '本机可能没有联网。请检查网络，或{0}。{1}',
  'Try again later (what has arrived is kept and continued), or {0}.{1}':
    '请稍后重试（已到达的部分会保留并续传），或{0}。{1}',
  'The cache {0} does not hold all files of {1}, and offline mode is on':
    '缓存 {0} 中没有 {1} 的全部文件，而离线模式已开启',
  'the whole model in the cache, because offline mode allows no download': '缓存中有整个模型，因为离线模式不允许下载',
  'Unset HF_HUB_OFFLINE and TRANSFORMERS_OFFLINE (or --offline) once, copy the cache from a machine that has the model, or give a folder.':
    '请暂时取消 HF_HUB_OFFLINE 和 TRANSFORMERS_OFFLINE（或 --offline），从有该模型的机器复制缓存，或给出文件夹。',
  '{0}{1} answered {2} {3}': '{0}{1} 回答 {2} {3}',
  'and asks to wait {0} seconds': '并要求等待 {0} 秒',
  'a repository, revision and file that exist': '存在的仓库、版本和文件',
  'Check the spelling on the website of the hub (or of the path, if you meant a folder of this machine). A private model needs a token: set HF_TOKEN.':
    '请在模型库的网站上核对拼写（如果指的是本机文件夹，请核对路径）。私有模型需要 token：请设置 HF_TOKEN。',
  'a token, because the model is gated or private': '一个 token，因为该模型受限或为私有',
  'a token that may read the model': '有权读取该模型的 token',
  "Accept the model's terms on its page, then make": '请在模型页面接受其条款，然后创建',
  '{0} a token with read access (Settings → Access Tokens on the hub) and set HF_TOKEN, or run `hf auth login`.':
    '{0}一个有读取权限的 token（在模型库的 Settings → Access Tokens），并设置 HF_TOKEN，或运行 `hf auth login`。',
  'a file or a listing': '一个文件或清单',
  'a repository that exists and is public, or a token that may read it': '存在且公开的仓库，或有权读取它的 token',
  'a branch, tag or commit of the repository': '该仓库的分支、标签或 commit',
  'a file of the repository': '该仓库的一个文件',
  "The address of the hub is '{0}'": '模型库的地址为“{0}”',
  'an address such as https://hf-mirror.com, without user name and password':
    '形如 https://hf-mirror.com 的地址，不含用户名和密码',
  'Correct HF_ENDPOINT, or unset it for https://huggingface.co.':
    '请更正 HF_ENDPOINT，或取消它以使用 https://huggingface.co。',
  'The hub token has characters that no token has (a quote, a blank, a line break)':
    '模型库的 token 含有 token 不会有的字符（引号、空格、换行）',
  'a token of letters, digits and signs, as the hub shows it': '由字母、数字和符号组成的 token，与模型库显示的一致',
  'Check HF_ENDPOINT: the server there must speak the protocol of huggingface.co.':
    '请检查 HF_ENDPOINT：该服务器必须使用 huggingface.co 的协议。',
  '{0} was downloaded with {1}': '{0} 下载后{1}',
  'The file was removed. Try again; if it stays so, something between here and the hub (a proxy, a mirror) alters files.':
    '文件已删除。请重试；如果仍然如此，说明从这里到模型库之间有某处（代理、镜像）改动了文件。',
  'a folder on another disk with HF_HUB_CACHE': '用 HF_HUB_CACHE 指定的另一磁盘上的文件夹',
  '{0} MiB': '{0} MiB',
  'the disk has {0} free': '磁盘可用 {0}',
  '{0} of free space': '{0} 的可用空间',
  'Free space there, or set HF_HUB_CACHE to a folder on another disk.':
    '请在那里腾出空间，或把 HF_HUB_CACHE 设为另一磁盘上的文件夹。',
  'The model cannot be written to {0}: {1}': '模型无法写入 {0}：{1}',
  '{0} What has arrived is kept and continued.': '{0}已到达的部分会保留并续传。',
  '{0} answered with no listing': '{0} 的回答中没有清单',
  'JSON with `sha` and `siblings`': '含 `sha` 和 `siblings` 的 JSON',
  '{0} has no checksum or size in its headers': '{0} 的响应头中没有校验和或大小',
  'x-linked-etag (or etag) and x-linked-size': 'x-linked-etag（或 etag）和 x-linked-size',
  '{0} has no file {1}': '{0} 没有文件 {1}',
  'a repository with GGUF files': '含 GGUF 文件的仓库',
  'Name a GGUF file of the repository, or none for its safetensors.':
    '请指明仓库中的一个 GGUF 文件，或不指明以使用其 safetensors。',
  'and no': '，也没有',
  '{0} has no {1}': '{0} 没有 {1}',
  "{0} has neither safetensors, nor PyTorch's weights, nor a GGUF file":
    '{0} 既没有 safetensors 或 PyTorch 权重，也没有 GGUF 文件',
  '{0} has {1} GGUF files: {2}': '{0} 有 {1} 个 GGUF 文件：{2}',
  'the name of one of them': '其中一个的名称',
  'Name it after a colon: {0}:{1}.': '请在冒号后写出名称：{0}:{1}。',
  'config.json, tokenizer.json and model.safetensors or pytorch_model.bin (or their shards and index), or a .gguf file':
    'config.json、tokenizer.json 以及 model.safetensors 或 pytorch_model.bin（或其分片和索引），或一个 .gguf 文件',
  "Choose another repository of this model: many have a conversion to safetensors or GGUF. Or save it anew with transformers' save_pretrained and give the folder.":
    '请选择该模型的另一个仓库：许多都有转换成 safetensors 或 GGUF 的版本。也可以用 transformers 的 save_pretrained 重新保存，并给出文件夹。',
  '{0} sent nothing for {1} s': '{0} 在 {1} 秒内没有发来任何内容',
  '{0} redirects more than {1} times': '{0} 的重定向超过 {1} 次',
  "{0} redirects to '{1}'": '{0} 重定向到“{1}”',
  'a redirect to an https address': '重定向到 https 地址',
  'The certificate of {0} is not trusted ({1})': '{0} 的证书不受信任（{1}）',
  'a server with a valid certificate': '证书有效的服务器',
  'cannot be reached': '无法连接',
  'broke the connection': '中断了连接',
  "There is no file or folder '{0}'": '没有文件或文件夹“{0}”',
  '{0}, and it is no hub id': '{0}，它也不是 hub id',
  "'{0}' is no revision of a hub model": '“{0}”不是 hub 模型的版本',
  "'{0}' is no GGUF file of a hub model": '“{0}”不是 hub 模型的 GGUF 文件',
  '{0}, and of a hub: {1}': '{0}；对模型库而言：{1}',
  '{0} lacks the shards {1}': '{0} 缺少分片 {1}',
  'every shard that its index names': '索引中列出的每个分片',
  'this machine': '本机',
  'If the model lies elsewhere, give its path; else download what is missing, or save the model again with save_pretrained (transformers).':
    '如果模型在别处，请给出路径；否则请下载缺少的部分，或用 save_pretrained（transformers）重新保存模型。',
  'a folder with config.json, tokenizer.json and model.safetensors or pytorch_model.bin (or their shards and index), a folder with one .gguf file, or a .gguf file':
    '含 config.json、tokenizer.json 以及 model.safetensors 或 pytorch_model.bin（或其分片和索引）的文件夹，含一个 .gguf 文件的文件夹，或一个 .gguf 文件',
  "Save the model anew in Python: AutoModelForCausalLM.from_pretrained('FOLDER').save_pretrained('FOLDER', safe_serialization=True).":
    "请在 Python 中重新保存模型：AutoModelForCausalLM.from_pretrained('FOLDER').save_pretrained('FOLDER', safe_serialization=True)。",
  'The file {0} is missing': '缺少文件 {0}',
  'The file {0} is missing; the folder has {1} instead': '缺少文件 {0}；文件夹中有的是 {1}',
  "Make it in Python: AutoTokenizer.from_pretrained('{0}').save_pretrained('{1}').":
    "请在 Python 中生成它：AutoTokenizer.from_pretrained('{0}').save_pretrained('{1}')。",
  'The folder {0} cannot be read: {1}': '无法读取文件夹 {0}：{1}',
  'The folder {0} has {1} GGUF files: {2}': '文件夹 {0} 有 {1} 个 GGUF 文件：{2}',
  'They are the parts of one model: make one file of them with llama-gguf-split --merge {0} model.gguf, and name that.':
    '它们是一个模型的各部分：请用 llama-gguf-split --merge {0} model.gguf 合成一个文件，并给出它。',
  'Name the file, for instance {0}.': '请指明文件，例如 {0}。',
  'The folder {0} holds an adapter (adapter_config.json), not a model':
    '文件夹 {0} 中是适配器（adapter_config.json），不是模型',
  'Give the frozen model that the prompt was learned for; the prompt itself is what predict, evaluate and inspect are given.':
    '请给出学习该提示时所用的冻结模型；提示本身是给 predict、evaluate 和 inspect 的。',
  'Give the model that the adapter belongs to, or merge the two (merge_and_unload in PEFT) and save the result.':
    '请给出该适配器所属的模型，或把二者合并（PEFT 的 merge_and_unload）后保存结果。',
  'The folder {0} has its weights in {1} only': '文件夹 {0} 的权重只有 {1}',
  'The folder {0} has {1}, but neither model.safetensors nor model.safetensors.index.json':
    '文件夹 {0} 有 {1}，却没有 model.safetensors 和 model.safetensors.index.json',
  'If it is the whole model, rename it to model.safetensors; if it is a shard, download the index and the other shards.':
    '如果它是整个模型，请改名为 model.safetensors；如果它是分片，请下载索引和其他分片。',
  'is no language model': '不是语言模型',
  'are no language models': '不是语言模型',
  'The folder {0} has {1}, which {2} by name': '文件夹 {0} 有 {1}，从名称看{2}',
  "Put the model's .gguf file there, or name the file if it is one: {0}.":
    '请把模型的 .gguf 文件放在那里；如果它就是模型，请指明该文件：{0}。',
  'The folder {0} has no weights in a format that softprompt reads': '文件夹 {0} 中没有 softprompt 能读取的权重格式',
  'the index': '索引',
  'a file': '一个文件',
  "{0} is {1} of a model's weights, without its settings and tokenizer": '{0} 是模型权重的{1}，没有其设置和分词器',
  'Give the folder that holds it: {0}': '请给出它所在的文件夹：{0}',
  '{0} is one file of a model': '{0} 是某个模型的一个文件',
  '{0} is a file of PyTorch or another library': '{0} 是 PyTorch 或其他库的文件',
  "{0} is Git LFS's pointer to the file, not the file itself": '{0} 是 Git LFS 指向该文件的指针，不是文件本身',
  'Fetch it: git lfs install, then git lfs pull in the repository. Or give the id of the model on the hub.':
    '请取得它：git lfs install，然后在仓库中运行 git lfs pull。或给出模型在模型库上的 id。',
  '{0} is a web page that was saved in place of the file': '{0} 是代替该文件被保存下来的网页',
  'Download the file itself (on the hub: the download button, or /resolve/ in place of /blob/ in the address).':
    '请下载文件本身（在模型库上：点下载按钮，或把地址中的 /blob/ 换成 /resolve/）。',
  'a folder, a .gguf file, or a hub id such as HuggingFaceTB/SmolLM2-135M-Instruct, with @revision and :file.gguf if need be':
    '文件夹、.gguf 文件，或 hub id，例如 HuggingFaceTB/SmolLM2-135M-Instruct，必要时带 @revision 和 :file.gguf',
  'Check the spelling; a path is relative to the folder that softprompt was started in.':
    '请核对拼写；路径相对于启动 softprompt 时所在的文件夹。',
  'After the colon the name of the file stands, such as {0}:model-Q4_K_M.gguf.':
    '冒号之后是文件名，例如 {0}:model-Q4_K_M.gguf。',
  'That is a path of Windows: on this system / stands between folders, and drives have other names (C: is /mnt/c in WSL).':
    '那是 Windows 的路径：在此系统上文件夹之间用 /，驱动器也另有名称（WSL 中 C: 是 /mnt/c）。',
  'The shell makes a folder of ~ only where it is not quoted: write {0}.':
    '只有不加引号时，shell 才会把 ~ 换成文件夹：请写 {0}。',
  '{0} does not continue at byte {1}': '{0} 没有从第 {1} 字节续传',
  'more than {0} bytes': '超过 {0} 字节',
  '{0} bytes': '{0} 字节',
  '{0} ended after {1} of {2} bytes': '{0} 在 {2} 字节中的第 {1} 字节处结束',
  'where it goes': '放在哪里',
  "the set's name": '数据集的名称',
  "a mirror of the publisher: scheme, host and what stands before the publisher's path":
    '发布方的镜像：协议、主机，以及发布方路径之前的部分',
  'Set HF_TOKEN again, or run `hf auth login`.': '请重新设置 HF_TOKEN，或运行 `hf auth login`。',
};
