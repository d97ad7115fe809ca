namespace ScalingLab.Torch;

/// <summary>Frees at its end every tensor that was made inside it on its thread, unless that was detached or moved out.</summary>
/// <remarks>A training step inside one scope leaves nothing to the garbage collector.</remarks>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic]
    private static DisposeScope? current;

    private readonly List<torch.Tensor> tensors = [];
    private readonly DisposeScope? outer;
    private bool disposed;

    internal DisposeScope()
    {
        outer = current;
        current = this;
    }

    /// <summary>Tensors that this scope will free.</summary>
    public int DisposablesCount => tensors.Count(t => ReferenceEquals(t.Scope, this));

    internal static void Register(torch.Tensor tensor)
    {
        if (current is { } scope)
            scope.Attach(tensor);
    }

    internal void MoveOut(torch.Tensor tensor)
    {
        if (outer is null)
            tensor.Scope = null;
        else
            outer.Attach(tensor);
    }

    /// <summary>Frees the tensors and makes the outer scope current again.</summary>
    /// <exception cref="InvalidOperationException">An inner scope is still open on this thread.</exception>
    public void Dispose()
    {
        if (disposed)
            return;
        if (!ReferenceEquals(current, this))
            throw new InvalidOperationException("Scopes must be closed innermost first, on the thread that opened them.");
        disposed = true;
        current = outer;
        foreach (torch.Tensor tensor in tensors)
        {
            if (ReferenceEquals(tensor.Scope, this))
                tensor.Dispose();
        }
    }

    private void Attach(torch.Tensor tensor)
    {
        tensor.Scope = this;
        tensors.Add(tensor);
    }
}
