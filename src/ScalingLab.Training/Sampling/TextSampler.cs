using ScalingLab.Training.Model;
using ScalingLab.Training.Randomness;

namespace ScalingLab.Training.Sampling;

/// <summary>Why a text ended.</summary>
public enum SampleEnd
{
    /// <summary>It has as many tokens as were asked for.</summary>
    Length,

    /// <summary>The model ended the document.</summary>
    EndOfDocument,
}

/// <summary>Continues a text token by token.</summary>
/// <remarks>
/// Token n of a text is a pure function of weights, prompt, choice, (seed, text number, n). When the context is full, its older half is
/// forgotten and the rest is read again from position 0: of every T/2 tokens one costs T/2.
/// </remarks>
/// <param name="model">The model; must outlive this.</param>
/// <param name="choice">How tokens are drawn.</param>
/// <param name="endOfDocument">Id that ends a text; null when the vocabulary has none.</param>
public sealed class TextSampler(Gpt model, TokenChoice choice, int? endOfDocument)
{
    /// <summary>Further tokens of a text, until its end; draw them one by one.</summary>
    /// <param name="prompt">Ids to go on from, one or more; of a longer one than the context the last tokens count.</param>
    /// <param name="most">Tokens at most.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="text">Number of the text under that seed, from 0.</param>
    /// <returns>The tokens; end-of-document, when it came, is the last.</returns>
    /// <exception cref="ArgumentException">The prompt is empty or holds an id that is not in the vocabulary, or the model's scores are not finite.</exception>
    public IEnumerable<int> Continue(IReadOnlyList<int> prompt, int most, long seed, int text = 0)
    {
        ArgumentOutOfRangeException.ThrowIfZero(prompt.Count, nameof(prompt));
        foreach (int id in prompt)
            if (id < 0 || id >= model.Vocabulary)
                throw new ArgumentException($"Token {id} is not in the vocabulary of {model.Vocabulary}.", nameof(prompt));
        int context = model.Shape.ContextTokens;
        List<long> window = [.. prompt.TakeLast(context).Select(id => (long)id)];
        using var reader = new IncrementalGpt(model);
        var scores = new float[model.Vocabulary];
        for (int n = 0; n < most; n++)
        {
            if (reader.Length == context)
            {
                window.RemoveRange(0, window.Count - Math.Max(1, context / 2));
                reader.Clear();
            }

            ScoresAfter(reader, window, scores);
            int id = choice.Of(scores, CounterRandom.Uniform(seed, text, n));
            window.Add(id);
            yield return id;
            if (id == endOfDocument)
                yield break;
        }
    }

    private static void ScoresAfter(IncrementalGpt reader, List<long> window, float[] scores)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor all = reader.Read(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(window)[reader.Length..]);
        all.narrow(0, all.shape[0] - 1, 1).to_type(ScalarType.Float32).From(reader.Device).contiguous().data<float>().CopyTo(scores);
    }
}
