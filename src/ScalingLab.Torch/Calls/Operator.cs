using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ScalingLab.Torch.Native;

namespace ScalingLab.Torch.Calls;

/// <summary>One operator of libtorch, found by its schema name at its first call.</summary>
internal sealed class Operator(string name, string overload = "")
{
    private nint found;

    public string Name => overload.Length == 0 ? name : $"{name}.{overload}";

    /// <summary>Whether this libtorch has it.</summary>
    public bool Exists
    {
        get
        {
            Engine.EnsureLoaded();
            NativeMethods.Check(NativeMethods.HasOperator(name, overload, out int known), Name);
            return known != 0;
        }
    }

    /// <summary>Calls an operator with one tensor as its result.</summary>
    public torch.Tensor Call(params ReadOnlySpan<Argument> arguments)
    {
        ReadOnlySpan<NativeValue> results = Invoke(arguments);
        if (results.Length == 0 || results[0].Tag != NativeTag.Tensor)
            throw new InvalidOperationException($"{Name} returned no tensor.");
        for (int i = 1; i < results.Length; i++)
        {
            if (results[i].Tag == NativeTag.Tensor)
                NativeMethods.TensorFree(results[i].Pointer);
        }

        return torch.Tensor.Own(results[0].Pointer);
    }

    /// <summary>Calls an operator whose results are several tensors, or a list of them.</summary>
    public torch.Tensor[] CallMany(params ReadOnlySpan<Argument> arguments)
    {
        ReadOnlySpan<NativeValue> results = Invoke(arguments);
        var tensors = new torch.Tensor[results.Length];
        for (int i = 0; i < results.Length; i++)
            tensors[i] = torch.Tensor.Own(results[i].Pointer);
        return tensors;
    }

    /// <summary>Calls an operator that changes its first argument, and returns that argument.</summary>
    public torch.Tensor CallInPlace(torch.Tensor self, params ReadOnlySpan<Argument> rest)
    {
        Span<Argument> all = new Argument[rest.Length + 1];
        all[0] = self;
        rest.CopyTo(all[1..]);
        foreach (NativeValue value in Invoke(all))
        {
            if (value.Tag == NativeTag.Tensor)
                NativeMethods.TensorFree(value.Pointer); // a second handle to self
        }

        return self;
    }

    /// <summary>Calls an operator whose result is a number.</summary>
    public double CallReal(params ReadOnlySpan<Argument> arguments)
    {
        CaptureGuard.HostAccess($"the number that {Name} returns");
        ReadOnlySpan<NativeValue> results = Invoke(arguments);
        if (results.Length != 1 || results[0].Tag != NativeTag.Real)
            throw new InvalidOperationException($"{Name} returned no number.");
        return results[0].Real;
    }

    /// <summary>Calls an operator without results.</summary>
    public void CallForEffect(params ReadOnlySpan<Argument> arguments) => Invoke(arguments);

    private unsafe ReadOnlySpan<NativeValue> Invoke(ReadOnlySpan<Argument> arguments)
    {
        if (found == 0)
            Find();
        CaptureGuard.Called(this, arguments);
        int words = 0;
        foreach (ref readonly Argument argument in arguments)
            words += argument.Reference is Array list ? list.Length : 0;
        Span<nint> scratch = words <= 64 ? stackalloc nint[64] : new nint[words];
        NativeValue* values = stackalloc NativeValue[arguments.Length];
        fixed (nint* words0 = scratch)
        {
            nint* next = words0;
            for (int i = 0; i < arguments.Length; i++)
                values[i] = Marshal(in arguments[i], ref next);
            int status = NativeMethods.Call(found, values, arguments.Length, out NativeValue* results, out int count);
            if (status != 0)
                Fail(arguments);
            return new ReadOnlySpan<NativeValue>(results, count);
        }
    }

    private static unsafe NativeValue Marshal(ref readonly Argument argument, ref nint* scratch)
    {
        var value = new NativeValue { Tag = argument.Tag };
        switch (argument.Reference)
        {
            case null:
                value.Integer = argument.Integer;
                break;
            case torch.Tensor tensor:
                value.Pointer = tensor.Handle;
                break;
            case long[] list:
                value.Length = list.Length;
                value.Pointer = (nint)scratch;
                foreach (long item in list)
                    *scratch++ = (nint)item;
                break;
            case torch.Tensor[] list:
                value.Length = list.Length;
                value.Pointer = (nint)scratch;
                foreach (torch.Tensor item in list)
                    *scratch++ = item.Handle;
                break;
            case torch.Generator generator:
                value.Pointer = generator.Handle.DangerousGetHandle();
                break;
            case PinnedText text:
                value.Length = text.Length;
                value.Pointer = text.Pointer;
                break;
        }

        return value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Find()
    {
        Engine.EnsureLoaded();
        NativeMethods.Check(NativeMethods.FindOperator(name, overload, out nint pointer), Name);
        found = pointer;
    }

    private void Fail(ReadOnlySpan<Argument> arguments)
    {
        string reason = NativeMethods.LastError();
        var operands = new List<torch.Tensor?>();
        foreach (ref readonly Argument argument in arguments)
        {
            if (argument.Reference is torch.Tensor tensor)
                operands.Add(tensor);
            else if (argument.Reference is torch.Tensor[] list)
                operands.AddRange(list);
        }

        throw TorchException.From(Name, CollectionsMarshal.AsSpan(operands), reason);
    }
}
