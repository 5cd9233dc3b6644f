/**
 * What an option is to a sweep, by its name: most of what a script takes is no hyperparameter. Names are as people write them:
 * `num_workers`, `--log-interval`, `model.hidden_dim`.
 */
import type { ScriptOption } from './types.js'

export type Role =
  | { readonly kind: 'searched' }
  /** It asks for the help itself, or the like. */
  | { readonly kind: 'none' }
  | { readonly kind: 'seed' }
  | { readonly kind: 'kept'; readonly why: string }

/** `batchSize`, `optim.batch-size` → `['optim', 'batch', 'size']`. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
}

const nobody =
  /^(h|help|helpfull|helpshort|helpxml|version|print_config|show_completion|install_completion|completion)$/
const seeds = /^(.*_)?(seed|random_state|rng|rng_key)$/

/** Reasons, and the names they are of: as words joined by `_`. The first that fits counts. */
const kept: readonly (readonly [why: string, names: RegExp])[] = [
  [
    'it is of an evaluation, and changes nothing of what is trained',
    /^(eval|evaluate|evaluation|test|predict|inference|validate)(_|$)|^(val|valid|dev)_(batch|bs)/,
  ],
  [
    'it sets how long a trial trains, and longer is nearly always better: set what a trial may take',
    /^((.*_)?(epochs?|timesteps|iters|iterations|niter|n_iter|max_iter|max_steps|total_steps|num_steps|train_steps|training_steps|n_steps|steps|max_time|time_limit|budget))$/,
  ],
  [
    'it is about the machine, and not about what is learned',
    /(^|_)(gpus?|cuda|mps|cpus?|tpus?|xpu|devices?|accel|accelerator|rank|world|nodes?|nproc|distributed|ddp|fsdp|deepspeed|strategy|workers?|threads?|jobs?|procs?|processes|cores?|prefetch|memory|fp16|bf16|fp32|tf32|amp|half|mixed|precision|compile|jit|backend|host|port|ip)(_|$)/,
  ],
  [
    'it says what is shown or written down',
    /(^|_)(verbose|verbosity|quiet|silent|debug|progress|profile|profiler|interval|freq|frequency|every|wandb|tensorboard|mlflow|comet|report_to|print)(_|$)|^(log|logs?_.*|logging.*|print_.*|show_.*|plot.*|draw.*|render.*|visuali[sz]e.*|display.*|color|no_color)$/,
  ],
  [
    'it decides what is done, and not how well it is learned',
    /^(dry_run|fast_dev_run|dry|overwrite|force|yes|y|resume.*|restart|continue.*|do_.*|only_.*|.*_only|skip_.*|smoke_.*|mode|command|action|download|push_to_hub)$/,
  ],
  [
    'it writes: all trials would write to the same place',
    /^(out|output|outputs|o|outdir|logdir|savedir|workdir|save|save_.*|export|export_.*|checkpoint.*|ckpt.*|output_(dir|path|file|folder)|results?_(dir|path|file)|model_dir|run_dir|work_dir|log_(dir|path|file)|exp_dir|.*(?<!drop|fan|hold|time)_(out|logdir|outdir|savedir))$/,
  ],
  [
    'it names files or data',
    /^(data|dataset|datasets|input|inputs|config|cfg|conf|root|cache|model_name_or_path|pretrained.*|load|load_.*|init_from|vocab|tokenizer|train|train_data|val_data|f|file|files|path)$|(^|.*_)(dir|directory|folder|path|paths|file|files|filename|root|url|uri|csv|json|yaml|dataset_name|data_name|corpus|index|manifest)$/,
  ],
  [
    'it goes with the data',
    /(^|_)((num|n)_classes|classes|vocab_size|img_size|image_size|input_(dim|size)|in_channels|out_channels|(n|num)_features|max_(seq_)?len(gth)?|seq_len(gth)?|block_size|target|label_column)$/,
  ],
  [
    'it is a name or an address',
    /^(name|run|tags?|notes?|project|entity|group|user|token|key|api_key|id|experiment|exp|.*_(name|id|token|key|user|project|entity|notes|tags?))$/,
  ],
]

export function roleOf({ flag, names, type }: ScriptOption): Role {
  const words = wordsOf(flag)
  // What turns something off is of what it turns off.
  const name = (
    words[0] === 'no' || words[0] === 'disable' || words[0] === 'use' ? words.slice(1) : words
  ).join('_')
  const last = flag.includes('.') ? wordsOf(flag.split('.').at(-1)!).join('_') : name
  if ([name, ...names.map((one) => wordsOf(one).join('_'))].some((one) => nobody.test(one) && one !== 'h'))
    return { kind: 'none' }
  if (seeds.test(last)) return { kind: 'seed' }
  // Warming up and the like are counted in steps, and are searched.
  if (!/warmup|warm_up|decay|accum|burn_in|patience/.test(last))
    for (const [why, pattern] of kept) if (pattern.test(last)) return { kind: 'kept', why }
  if (type === 'path' || type === 'folder') return { kind: 'kept', why: 'it names files or data' }
  return { kind: 'searched' }
}
