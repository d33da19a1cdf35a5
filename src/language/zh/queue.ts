import type { Catalogue } from '../catalogue.js';

export const QUEUE: Catalogue = {
  '{0} workers{1}': '{0} 个工作进程{1}',
  'The queue has no jobs.': '队列中没有任务。',
  '{0}: {1}. Expected {2}. {3}': '{0}：{1}。应为：{2}。{3}',
  'worker {0} gave it back: {1}': '工作进程 {0} 退回了它：{1}',
  'Cancelled {0}': '已取消 {0}',
  '{0} has ended': '{0} 已经结束',
  'Again {0}': '重新开始 {0}',
  '{0} was not given up': '{0} 并未被放弃',
  'by {0}': '由 {0}',
  ', {0} failed tries': '，失败 {0} 次',
  "The queue has no job '{0}'": '队列中没有任务“{0}”',
  'a job as `npx softprompt jobs list` names it; those that ended go after a week, dead ones after a month':
    '`npx softprompt jobs list` 所列的任务；已结束的一周后删除，被放弃的一个月后删除',
  'Look at the list.': '请查看列表。',
  'do jobs of a queue, those of any machine, until it is ended': '执行队列中的任务（来自任何机器），直到被结束',
  'look after the jobs of a queue': '管理队列中的任务',
  'all jobs: where they stand, who does them, why they failed': '所有任务：进展、由谁执行、为何失败',
  'all about a job': '一个任务的全部信息',
  'end jobs, or take them out': '结束任务，或将其取出',
  'begin jobs again that were given up': '重新开始被放弃的任务',
  'as `jobs list` names them': '`jobs list` 所列的名称',
  'Queue   {0} parts, {1} workers': '队列    {0} 个部分，{1} 个工作进程',
  'Part    {0} by {1} in {2}': '部分    {0}，由 {1} 完成，用时 {2}',
  'The interactions are those of a database, which workers may not reach': '交互记录来自数据库，工作进程可能无法访问',
  'a file, which travels to them': '文件，它会传送给工作进程',
  'Write the rows to a file first (`npx softprompt data convert`), or leave out --on.':
    '请先把各行写入文件（`npx softprompt data convert`），或去掉 --on。',
  'Ending after the job at hand … (Ctrl-C again to leave at once)': '当前任务完成后结束……（再按 Ctrl-C 立即退出）',
  'Ready   {0}: {1} threads, {2} MiB of memory': '就绪    {0}：{1} 个线程，{2} MiB 内存',
  'Job     {0} {1} ({2})': '任务    {0} {1}（{2}）',
  'Passed  {0}: {1}': '退回    {0}：{1}',
  'done in {0}': '完成，用时 {0}',
  'failed: {0}: {1}': '失败：{0}：{1}',
  'which --on and `softprompt worker` give jobs to a queue with': '--on 与 `softprompt worker` 用它使用队列',
  'Node 20 and newer': 'Node 20 及更新版本',
  'The queue is given as {0}': '给出的队列是 {0}',
  'the address of a Redis or Valkey server (redis://HOST:6379) or of a PostgreSQL database (postgres://USER@HOST/NAME)':
    'Redis 或 Valkey 服务器的地址（redis://HOST:6379），或 PostgreSQL 数据库的地址（postgres://USER@HOST/NAME）',
  'Correct --on or --queue.': '请更正 --on 或 --queue。',
  'a job that ends': '能够结束的任务',
  'Look at the worker that did it.': '请查看执行它的工作进程。',
  'The job was cancelled': '任务已被取消',
  'a job that goes on': '继续进行的任务',
  'Begin it again with `npx softprompt jobs retry`.': '请用 `npx softprompt jobs retry` 重新开始。',
  'The queue at {0} does not answer: {1}': '{0} 处的队列没有回应：{1}',
  'a running Redis 6.2, Valkey or PostgreSQL 13 server, or newer, that lets this machine in':
    '正在运行且允许本机连接的 Redis 6.2、Valkey 或 PostgreSQL 13（或更新）服务器',
  'Start it, or correct --on or --queue.': '请启动它，或更正 --on 或 --queue。',
  'The store is given as {0}': '给出的存储位置是 {0}',
  'a folder that all workers reach, or s3://BUCKET/PREFIX': '所有工作进程都能访问的文件夹，或 s3://BUCKET/PREFIX',
  'A file came with the sha256 {0}': '收到的文件的 sha256 为 {0}',
  'It changed while it was read, or the store (--store) is damaged: begin the job again.':
    '它在读取时发生了变化，或存储（--store）已损坏：请重新开始任务。',
  'The store {0} has no file {1}': '存储 {0} 中没有文件 {1}',
  'what the job names: its data, model or prompt': '任务所指的数据、模型或提示',
  'Give worker and client the same store (--store), and begin the job again.':
    '请给工作进程和客户端相同的存储（--store），并重新开始任务。',
  'another store (--store)': '另一个存储（--store）',
  "The job is of the kind '{0}', of softprompt {1}": '任务的类型是“{0}”，来自 softprompt {1}',
  'a kind that this version knows': '本版本认识的类型',
  'Let clients and workers have the same version.': '请让客户端和工作进程使用相同的版本。',
  'the queue is out of reach, and is tried again: {0}': '无法连接队列，正在重试：{0}',
  'no worker is connected to the queue: start some with `npx softprompt worker --queue …`':
    '没有工作进程连接到队列：请用 `npx softprompt worker --queue …` 启动',
  'worker {0} gave {1} back: {2}': '工作进程 {0} 退回了 {1}：{2}',
  'no reason': '没有原因',
  'The job {0} ({1}) was given up after {2} tries, the last by worker {3}: {4}':
    '任务 {0}（{1}）在 {2} 次尝试后被放弃，最后一次由工作进程 {3} 执行：{4}',
  'Look at what the worker says; then run the same command, or `npx softprompt jobs retry`.':
    '请查看工作进程的输出；然后再次运行同一命令，或 `npx softprompt jobs retry`。',
  "Work of the kind '{0}' has no parts that a queue can carry": '类型为“{0}”的工作没有可以交给队列的部分',
  'tune, compare, transfer, fit, batch, predict or evaluate':
    'tune、compare、transfer、fit、batch、predict 或 evaluate 之一',
  'Leave out --on.': '请去掉 --on。',
  'where workers find data and models and leave what they made: a folder that all reach, or s3://BUCKET/PREFIX':
    '工作进程取得数据和模型并留下结果的地方：都能访问的文件夹，或 s3://BUCKET/PREFIX',
  'SOFTPROMPT_STORE; else a folder in the cache, for workers on this machine':
    'SOFTPROMPT_STORE；否则为缓存中的文件夹，供本机的工作进程使用',
  'have the parts done by workers of a queue (softprompt worker): redis://HOST:6379 or postgres://USER@HOST/NAME':
    '由队列的工作进程（softprompt worker）完成各部分：redis://HOST:6379 或 postgres://USER@HOST/NAME',
  'of jobs on a queue, higher ones come first': '队列中任务的优先级，高者先行',
  'memory that a worker must have for a part, in MiB': '完成一个部分所需的工作进程内存，单位 MiB',
  'from the size of the model': '由模型大小决定',
  'Ctrl-C cancels the jobs too; else they go on, and the same call finds them done':
    'Ctrl-C 也会取消任务；否则任务继续，同样的调用会取回结果',
  'whose jobs to do: redis://HOST:6379 or postgres://USER@HOST/NAME':
    '执行哪个队列的任务：redis://HOST:6379 或 postgres://USER@HOST/NAME',
  'the address of a queue': '队列的地址',
  'SOFTPROMPT_STORE; else what the job names': 'SOFTPROMPT_STORE；否则为任务所指的位置',
  'how the worker is called': '工作进程的名称',
  'the name of the machine and a number': '机器名加一个编号',
  'threads of the runtime; results are the same bits for the same number': '运行时的线程数；线程数相同，结果逐位相同',
  'memory that jobs may need, in MiB': '任务可用的内存，单位 MiB',
  'that of the machine': '机器的内存',
  'after so long without a sign of life another worker does the job': '这么久没有动静后，由另一个工作进程执行任务',
  'which one: redis://HOST:6379 or postgres://USER@HOST/NAME':
    '哪个队列：redis://HOST:6379 或 postgres://USER@HOST/NAME',
  "A job of the queue is none of this version's: {0}": '队列中的任务不属于本版本：{0}',
  'a job that this version of softprompt gave': '由本版本 softprompt 提交的任务',
  'it has softprompt {0}, the job is of {1}': '它的 softprompt 是 {0}，任务来自 {1}',
  'it has {0} MiB of memory, the job needs {1}': '它有 {0} MiB 内存，任务需要 {1}',
  'another may have the model already': '别的工作进程可能已有该模型',
  "The clock of this machine is {0} s {1} that of the queue's server": '本机时钟与队列服务器的时钟相差 {0} 秒（{1}）',
  'clocks that differ by {0} s at most: by them jobs are tried again': '相差不超过 {0} 秒的时钟：重试任务以此为准',
  'Set the clock (timedatectl set-ntp true), and start the worker again.':
    '请校准时钟（timedatectl set-ntp true），然后重新启动工作进程。',
  "Amazon's client of S3": 'Amazon 的 S3 客户端',
  'for --store s3://…': '--store s3://… 需要它',
  's3://BUCKET or s3://BUCKET/PREFIX, the bucket named as S3 names them':
    's3://BUCKET 或 s3://BUCKET/PREFIX，桶名须合 S3 的规则',
  'The store {0} cannot be read: {1}': '存储 {0} 无法读取：{1}',
  'The store {0} cannot be written: {1}': '存储 {0} 无法写入：{1}',
  'a bucket of S3, or of what speaks its protocol, whose objects may be read and written here':
    'S3 或兼容其协议的服务中的桶，其对象可在此读写',
  'Give credentials that may (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE): s3:GetObject, s3:PutObject, and s3:ListBucket, without which what is missing is forbidden.':
    '请给出有权限的凭据（AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY，或 AWS_PROFILE）：s3:GetObject、s3:PutObject 和 s3:ListBucket，缺少最后一项时不存在的对象会被报为禁止访问。',
  'Check that the bucket is there, and its address and region: AWS_ENDPOINT_URL_S3, AWS_REGION.':
    '请检查桶是否存在，以及地址和区域：AWS_ENDPOINT_URL_S3、AWS_REGION。',
  '{0} cannot be written: a file has {1} bytes': '{0} 无法写入：一个文件有 {1} 字节',
  'files of 5 GiB at most, as S3 takes them at once': '单个文件至多 5 GiB，S3 一次只能接收这么多',
  'Have the model in smaller files, or give a folder that all machines mount (--store DIR).':
    '请把模型分成较小的文件，或指定所有机器都挂载的文件夹（--store DIR）。',
  'show the jobs of a queue under /jobs: redis://HOST:6379 or postgres://USER@HOST/NAME':
    '在 /jobs 显示一个队列的任务：redis://HOST:6379 或 postgres://USER@HOST/NAME',
  'none are shown': '不显示',
  'for serve --jobs': 'serve --jobs 需要它',
  'Bull Board': 'Bull Board 面板',
  'Bull Board, which has its pages apart,': '另含页面的 Bull Board',
  'one takes {0} here, and the way to a worker and back {1}': '每块在本机需要 {0}，往返工作进程需要 {1}',
  'Pieces  {0} an update, by {1} workers: {2}': '分块    每次更新 {0} 块，由 {1} 个工作进程计算：{2}',
  '{0} pieces an update: {1}, so they are computed here (--pieces-always: by workers)':
    '每次更新 {0} 块：{1}，所以在本机计算（--pieces-always：由工作进程计算）',
  '{0} ms': '{0} 毫秒',
  '{0} light jobs so far, now {1}': '至今 {0} 个轻量任务，当前是 {1}',
  'with --pieces: give them to the queue even where that takes longer than to compute them here':
    '与 --pieces 一起：即使比在本机计算更慢，也交给队列',
  'rate {0}, {1}, {2}': '学习率 {0}，{1}，{2}',
  'step {0}, piece {1}': '第 {0} 步，第 {1} 块',
  'Pieces on a queue (--pieces, --on) of the method full: {0} MiB would travel there and back with each':
    '在队列上分块（--pieces、--on）使用方法 full：每一块都要往返传送 {0} MiB',
  'a method that learns few numbers: soft, prefix, p-tuning, lora …':
    '只学习少量数字的方法：soft、prefix、p-tuning、lora……',
  'Leave out --on, or choose another method (--method).': '请去掉 --on，或选择其他方法（--method）。',
  'a piece with {0} numbers': '带有 {0} 个数字的分块',
  "The model {0} has other weights on the worker's machine than where the job comes from":
    '模型 {0} 在工作进程的机器上与任务来源处的权重不同',
  'the same model everywhere': '各处相同的模型',
  "Delete it from the worker's cache, or name a folder (--model FOLDER), which travels.":
    '请从工作进程的缓存中删除它，或指定文件夹（--model FOLDER），它会传送过去。',
  'pieces of each batch that are computed by themselves and summed in their order: by workers with tune --on, else here, with the same result':
    '把每个批次分成若干块各自计算并按顺序求和：用 tune --on 时由工作进程计算，否则在本机计算，结果相同',
};
