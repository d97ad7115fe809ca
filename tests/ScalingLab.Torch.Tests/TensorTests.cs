using static ScalingLab.Torch.torch;

namespace ScalingLab.Torch.Tests;

public sealed class TensorTests
{
    [Fact]
    public void A_product_has_the_values_of_the_schoolbook_one()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = tensor(new double[] { 1, 2, 3, 4, 5, 6 }, [2, 3]);
        Tensor b = tensor(new double[] { 7, 8, 9, 10, 11, 12 }, [3, 2]);
        Assert.Equal([58.0, 64, 139, 154], a.matmul(b).data<double>().ToArray());
    }

    [Fact]
    public void Left_out_arguments_take_the_defaults_of_the_schema()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = tensor(new double[] { 0, 0, 0, 0 }, [2, 2]);
        double loss = nn.functional.cross_entropy(logits, tensor(new long[] { 0, 1 }, [2])).ToDouble();
        Assert.Equal(Math.Log(2), loss, 1e-15);
    }

    [Fact]
    public void A_list_result_comes_back_as_several_tensors()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] parts = tensor(new float[] { 1, 2, 3, 4, 5 }, [5]).split(2);
        Assert.Equal([2L, 2L, 1L], parts.Select(p => p.NumberOfElements));
        Assert.Equal([5f], parts[2].data<float>().ToArray());
    }

    [Fact]
    public void An_error_names_the_operator_and_the_shapes()
    {
        using DisposeScope scope = NewDisposeScope();
        TorchException error = Assert.Throws<TorchException>(() => zeros([2, 3]).bmm(zeros([4, 5, 6])));
        Assert.Equal("aten::bmm", error.Operation);
        Assert.Contains("aten::bmm on Float32[2, 3], Float32[4, 5, 6]:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_with_too_many_arguments_is_refused_before_libtorch_sees_it()
    {
        using DisposeScope scope = NewDisposeScope();
        var relu = new Calls.Operator("aten::relu");
        TorchException error = Assert.Throws<TorchException>(() => relu.Call(zeros([1]), 1L, 2L));
        Assert.Contains("takes 1 arguments, not 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_operator_is_named()
    {
        var none = new Calls.Operator("aten::no_such_operator");
        Assert.False(none.Exists);
        TorchException error = Assert.Throws<TorchException>(() => none.Call());
        Assert.Contains("no_such_operator", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_do_not_fill_a_shape_are_refused()
    {
        Assert.Throws<ArgumentException>(() => tensor(new float[] { 1, 2, 3 }, [2, 2]));
    }

    [Fact]
    public void Memory_of_a_tensor_that_is_not_contiguous_is_not_handed_out()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor transposed = ones([2, 3]).transpose(0, 1);
        Assert.Throws<TorchException>(() => transposed.bytes.Length);
        Assert.Equal(6, transposed.contiguous().data<float>().Count);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    public void Types_convert_and_report_themselves(ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor converted = ones([3]).to_type(type);
        Assert.Equal(type, converted.dtype);
        Assert.Equal(3, converted.sum().ToDouble());
    }
}
