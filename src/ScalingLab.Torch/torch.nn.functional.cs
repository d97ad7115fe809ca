using ScalingLab.Torch.Calls;

namespace ScalingLab.Torch;

public static partial class torch
{
    /// <summary>Neural-network functions.</summary>
    public static class nn
    {
        /// <summary>How a loss over many elements becomes one number.</summary>
        public enum Reduction : long
        {
            /// <summary>Not at all.</summary>
            None = 0,

            /// <summary>Mean over elements.</summary>
            Mean = 1,

            /// <summary>Sum over elements.</summary>
            Sum = 2,
        }

        /// <summary>Layers and losses without state of their own.</summary>
        public static class functional
        {
            /// <summary>input · weightsᵀ + bias, over the last dimension.</summary>
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Operators.Linear.Call(input, weights, bias);

            /// <summary>Rows of a table by index.</summary>
            public static Tensor embedding(Tensor x, Tensor weights) => Operators.Embedding.Call(weights, x);

            /// <summary>Layer norm over the last dimensions (Ba et al. 2016, arXiv:1607.06450).</summary>
            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                Operators.LayerNorm.Call(input, normalized_shape, weight, bias, eps);

            /// <summary>Gaussian error linear unit, exact form.</summary>
            public static Tensor gelu(Tensor x) => Operators.Gelu.Call(x);

            /// <summary>max(x, 0).</summary>
            public static Tensor relu(Tensor x) => Operators.Relu.Call(x);

            /// <summary>x · sigmoid(x).</summary>
            public static Tensor silu(Tensor x) => Operators.Silu.Call(x);

            /// <summary>Softmax along a dimension.</summary>
            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

            /// <summary>softmax(q · kᵀ / √D) · v over the last two dimensions; libtorch 2.0 or later (<see cref="EngineCapabilities"/>).</summary>
            /// <param name="query">(…, T, D).</param>
            /// <param name="key">(…, S, D).</param>
            /// <param name="value">(…, S, D).</param>
            /// <param name="attn_mask">Added to the logits; null for none.</param>
            /// <param name="p">Dropout.</param>
            /// <param name="is_casual">Hide the future from each position (spelt as TorchSharp spells it).</param>
            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0, bool is_casual = false) =>
                Operators.ScaledDotProductAttention.Call(query, key, value, attn_mask, p, is_casual);

            /// <summary>Cross-entropy of logits (n, classes) against class indices (n), in nats.</summary>
            public static Tensor cross_entropy(
                Tensor input,
                Tensor target,
                Tensor? weight = null,
                long ignore_index = -100,
                Reduction reduction = Reduction.Mean,
                double label_smoothing = 0.0) =>
                Operators.CrossEntropy.Call(input, target, weight, (long)reduction, ignore_index, label_smoothing);
        }
    }
}
