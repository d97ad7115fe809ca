using ScalingLab.Core.Models;

namespace ScalingLab.Core.Configs;

internal static partial class SweepConfigKeys
{
    private static IEnumerable<ConfigKey> CorpusKeys =>
    [
        Corpus("path", "Text file (.txt, .txt.gz, .jsonl, .jsonl.gz, .json) or token shard (.bin), relative to the working folder, else to the config file's, else to the program's root.", new FreeText(), c => c.Path, (c, v) => c with { Path = v }),
        Corpus("tokenizer", "byte: one token a byte; bpe: byte-pair encoding, trained on the corpus or read from tokenizer_file; tokens: the corpus is a token shard of llm.c or nanoGPT.", new Choice<TokenizerKind>(), c => c.Tokenizer, (c, v) => c with { Tokenizer = v }),
        Corpus("vocabulary", "Number of token ids, end-of-document included: of a BPE trained here 512 to 8192, of tokenizer_file or a token shard what it has; unused with bytes.", Int(2, 1 << 20), c => c.Vocabulary, (c, v) => c with { Vocabulary = v }),
        Corpus("tokenizer_file", "Tokenizer made elsewhere: Hugging Face's tokenizer.json (byte-level BPE), or nanoGPT's meta.pkl; \"\" for none.", new FreeText(), c => c.TokenizerFile ?? "", (c, v) => c with { TokenizerFile = NullIfEmpty(v) }),
        Corpus("held_out_path", "Token shard held out for evaluation, e.g. nanoGPT's val.bin; \"\" to hold out documents of path.", new FreeText(), c => c.HeldOutPath ?? "", (c, v) => c with { HeldOutPath = NullIfEmpty(v) }),
        Corpus("end_of_document", "Id between the documents of a token shard; null for that of its format (llm.c), and for none in a file without header (nanoGPT).", new OrNull<int>(Int(0)), c => c.EndOfDocument, (c, v) => c with { EndOfDocument = v }),
        Corpus("document_separator", "Line that ends a document in plain text.", new FreeText(), c => c.DocumentSeparator, (c, v) => c with { DocumentSeparator = v }),
        Corpus("held_out_fraction", "Share of documents held out for evaluation.", Real(above: 0, below: 1), c => c.HeldOutFraction, (c, v) => c with { HeldOutFraction = v }),
    ];

    private static IEnumerable<ConfigKey> ModelKeys =>
    [
        Model("layers", "Number of blocks.", Layers, m => m.Layers, (m, v) => m with { Layers = v }),
        Model("width", "Width of the residual stream; a multiple of heads.", Width, m => m.Width, (m, v) => m with { Width = v }),
        Model("heads", "Attention heads a layer.", Heads, m => m.Heads, (m, v) => m with { Heads = v }),
        Model("context_tokens", "Longest context, in tokens.", Int(1, 1 << 20), m => m.ContextTokens, (m, v) => m with { ContextTokens = v }),
        Model("mlp_width", "Width of the MLP's hidden layer; null for 4 x width, or 8/3 x width rounded up to a multiple of 8 with swiglu.", new OrNull<int>(Int(1, 1 << 20)), m => m.MlpWidth, (m, v) => m with { MlpWidth = v }),
        Model("norm", "Normalisation layer.", new Choice<Norm>(), m => m.Norm, (m, v) => m with { Norm = v }),
        Model("activation", "Non-linearity of the MLP.", new Choice<Activation>(), m => m.Activation, (m, v) => m with { Activation = v }),
        Model("positions", "How a token knows its position.", new Choice<Positions>(), m => m.Positions, (m, v) => m with { Positions = v }),
        Model("qk_norm", "Normalise queries and keys per head before attention.", new TrueOrFalse(), m => m.QkNorm, (m, v) => m with { QkNorm = v }),
        Model("tied_head", "Use the token embedding's matrix as the output head too.", new TrueOrFalse(), m => m.TiedHead, (m, v) => m with { TiedHead = v }),
    ];

    private static IEnumerable<ConfigKey> TrainingKeys =>
    [
        Training("tokens", "Tokens to train on, where the sweep lists neither budgets nor token counts.", Long(1), t => t.Tokens, (t, v) => t with { Tokens = v }, inGrid: false),
        Training("learning_rate_rule", "Where the peak learning rate comes from.", new Choice<HyperParameterRule>(), t => t.LearningRateRule, (t, v) => t with { LearningRateRule = v }),
        Training("learning_rate", "Peak learning rate under the fixed rule.", Real(above: 0), t => t.LearningRate, (t, v) => t with { LearningRate = v }),
        Training("learning_rate_scale", "Multiplies what the rule gives.", Real(above: 0), t => t.LearningRateScale, (t, v) => t with { LearningRateScale = v }),
        Training("learning_rate_cap", "Upper bound of a peak learning rate that comes from a rule.", Real(above: 0), t => t.LearningRateCap, (t, v) => t with { LearningRateCap = v }),
        Training("batch_rule", "Where the batch comes from; kaplan2020 gives none.", new Choice<HyperParameterRule>(), t => t.BatchRule, (t, v) => t with { BatchRule = v }),
        Training("batch_tokens", "Tokens a step under the fixed rule; rounded down to whole sequences, at least one.", Long(1), t => t.BatchTokens, (t, v) => t with { BatchTokens = v }),
        Schedule("kind", "Shape of the learning rate after warmup.", new Choice<ScheduleKind>(), s => s.Kind, (s, v) => s with { Kind = v }),
        Schedule("horizon_tokens", "Tokens at which a cosine reaches its end; null matches it to the run's own length.", new OrNull<long>(Long(1)), s => s.HorizonTokens, (s, v) => s with { HorizonTokens = v }),
        Schedule("final_fraction", "Final learning rate as a share of the peak.", Real(atLeast: 0, atMost: 1), s => s.FinalFraction, (s, v) => s with { FinalFraction = v }),
        Schedule("decay_fraction", "Share of the run spent decaying (wsd).", Real(above: 0, atMost: 1), s => s.DecayFraction, (s, v) => s with { DecayFraction = v }),
        Warmup("tokens", "Warmup tokens; null leaves it to tokens_per_parameter.", new OrNull<long>(Long(0)), w => w.Tokens, (w, v) => w with { Tokens = v }),
        Warmup("tokens_per_parameter", "Warmup tokens for each parameter (total count).", Real(atLeast: 0), w => w.TokensPerParameter, (w, v) => w with { TokensPerParameter = v }),
        Warmup("max_fraction", "Warmup never exceeds this share of the run.", Real(atLeast: 0, atMost: 1), w => w.MaxFraction, (w, v) => w with { MaxFraction = v }),
        Adam("beta1", "Decay of the first moment.", Real(atLeast: 0, below: 1), a => a.Beta1, (a, v) => a with { Beta1 = v }),
        Adam("beta2", "Decay of the second moment.", Real(atLeast: 0, below: 1), a => a.Beta2, (a, v) => a with { Beta2 = v }),
        Adam("epsilon", "Added to the root of the second moment.", Real(above: 0), a => a.Epsilon, (a, v) => a with { Epsilon = v }),
        Adam("weight_decay", "Decoupled weight decay of matrices.", Real(atLeast: 0), a => a.WeightDecay, (a, v) => a with { WeightDecay = v }),
        Training("gradient_clip", "Largest global gradient norm; 0 switches clipping off.", Real(atLeast: 0), t => t.GradientClip, (t, v) => t with { GradientClip = v }),
        Training("init_standard_deviation", "Standard deviation of initial weights; null for 0.5 over the root of the width.", new OrNull<double>(Real(above: 0)), t => t.InitStandardDeviation, (t, v) => t with { InitStandardDeviation = v }),
        Training("seed", "Seed of weights and of the order of data, where sweep.seeds is not given.", Int(0), t => t.Seed, (t, v) => t with { Seed = v }, inGrid: false),
        Training("kernels", "Operators of a step: fused, our own (on a GPU libtorch's fused ones); own, kernels of our own on a GPU too; reference, libtorch's one by one.", new Choice<KernelChoice>(), t => t.Kernels, (t, v) => t with { Kernels = v }),
        Training("dtype", "Element type of matrix products: fp32, or bf16 on a GPU.", new Choice<ProductType>(), t => t.Dtype, (t, v) => t with { Dtype = v }),
    ];

    private static IEnumerable<ConfigKey> EvaluationKeys =>
    [
        Value("evaluation.tokens", "Held-out tokens of an evaluation, the same ones for every run.", Long(1), c => c.Evaluation.Tokens, (c, v) => c with { Evaluation = c.Evaluation with { Tokens = v } }, inGrid: false),
        new ListKey<long>("evaluation.at_tokens", "Token counts at which to evaluate besides the end; a sweep adds its budgets.", Long(1), c => c.Evaluation.AtTokens, (c, v) => c with { Evaluation = c.Evaluation with { AtTokens = v } }),
    ];

    private static IEnumerable<ConfigKey> LoggingKeys =>
    [
        Logging("every_steps", "Steps between log lines.", Int(1), l => l.EverySteps, (l, v) => l with { EverySteps = v }),
        Logging("checkpoint_seconds", "Seconds between checkpoints; 0 leaves only the one on a stop.", Real(atLeast: 0), l => l.CheckpointSeconds, (l, v) => l with { CheckpointSeconds = v }),
        Logging("checkpoint_steps", "Steps between checkpoints; null for none.", new OrNull<int>(Int(1)), l => l.CheckpointSteps, (l, v) => l with { CheckpointSteps = v }),
    ];

    private static IEnumerable<ConfigKey> SweepKeys =>
    [
        new ShapesKey(),
        new ListKey<double>("sweep.flops", "FLOP budgets (exact count of matrix products): each shape trains on budget / FLOPs per token.", Real(above: 0), c => c.Sweep.Flops, (c, v) => c with { Sweep = c.Sweep with { Flops = v } }),
        new ListKey<long>("sweep.tokens", "Token counts, beside or in place of budgets.", Long(1), c => c.Sweep.Tokens, (c, v) => c with { Sweep = c.Sweep with { Tokens = v } }),
        Value("sweep.min_tokens_per_parameter", "Leaves out pairs below this many tokens per parameter (total count); null for no bound.", new OrNull<double>(Real(atLeast: 0)), c => c.Sweep.MinTokensPerParameter, (c, v) => c with { Sweep = c.Sweep with { MinTokensPerParameter = v } }, inGrid: false),
        Value("sweep.max_tokens_per_parameter", "Leaves out pairs above this many tokens per parameter; null for no bound.", new OrNull<double>(Real(above: 0)), c => c.Sweep.MaxTokensPerParameter, (c, v) => c with { Sweep = c.Sweep with { MaxTokensPerParameter = v } }, inGrid: false),
        new ListKey<int>("sweep.seeds", "Seeds; training.seed by default.", Int(0), c => c.Sweep.Seeds, (c, v) => c with { Sweep = c.Sweep with { Seeds = v } }),
        new GridKey(),
    ];

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    // A corpus is prepared once for a sweep, so none of its keys can be a grid axis.
    private static ValueKey<T> Corpus<T>(string name, string summary, ValueType<T> type, Func<CorpusConfig, T> get, Func<CorpusConfig, T, CorpusConfig> set) =>
        Value($"corpus.{name}", summary, type, c => get(c.Corpus), (c, v) => c with { Corpus = set(c.Corpus, v) }, inGrid: false);

    private static ValueKey<T> Model<T>(string name, string summary, ValueType<T> type, Func<ModelShape, T> get, Func<ModelShape, T, ModelShape> set) =>
        Value($"model.{name}", summary, type, c => get(c.Model), (c, v) => c with { Model = set(c.Model, v) });

    private static ValueKey<T> Training<T>(string name, string summary, ValueType<T> type, Func<TrainingConfig, T> get, Func<TrainingConfig, T, TrainingConfig> set, bool inGrid = true) =>
        Value($"training.{name}", summary, type, c => get(c.Training), (c, v) => c with { Training = set(c.Training, v) }, inGrid);

    private static ValueKey<T> Schedule<T>(string name, string summary, ValueType<T> type, Func<ScheduleConfig, T> get, Func<ScheduleConfig, T, ScheduleConfig> set) =>
        Training($"schedule.{name}", summary, type, t => get(t.Schedule), (t, v) => t with { Schedule = set(t.Schedule, v) });

    private static ValueKey<T> Warmup<T>(string name, string summary, ValueType<T> type, Func<WarmupConfig, T> get, Func<WarmupConfig, T, WarmupConfig> set) =>
        Training($"warmup.{name}", summary, type, t => get(t.Warmup), (t, v) => t with { Warmup = set(t.Warmup, v) });

    private static ValueKey<T> Adam<T>(string name, string summary, ValueType<T> type, Func<AdamConfig, T> get, Func<AdamConfig, T, AdamConfig> set) =>
        Training($"adam.{name}", summary, type, t => get(t.Adam), (t, v) => t with { Adam = set(t.Adam, v) });

    private static ValueKey<T> Logging<T>(string name, string summary, ValueType<T> type, Func<LoggingConfig, T> get, Func<LoggingConfig, T, LoggingConfig> set) =>
        Value($"logging.{name}", summary, type, c => get(c.Logging), (c, v) => c with { Logging = set(c.Logging, v) }, inGrid: false);
}
