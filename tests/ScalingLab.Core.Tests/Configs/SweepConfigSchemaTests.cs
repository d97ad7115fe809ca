using System.Text.Json.Nodes;
using ScalingLab.Core.Configs;

namespace ScalingLab.Core.Tests.Configs;

public sealed class SweepConfigSchemaTests
{
    [Fact]
    public void The_schema_is_the_approved_one() => Approved.Equal("Schema", SweepConfigSchema.ToJson() + "\n");

    [Fact]
    public void An_editor_sees_choices_bounds_and_refuses_unknown_keys()
    {
        JsonNode schema = JsonNode.Parse(SweepConfigSchema.ToJson())!;
        Assert.False(schema["additionalProperties"]!.GetValue<bool>());
        Assert.Equal(["gelu", "relu2", "swiglu"], schema["properties"]!["model"]!["properties"]!["activation"]!["enum"]!.AsArray().Select(n => n!.GetValue<string>()));
        Assert.Equal(2, schema["properties"]!["corpus"]!["properties"]!["vocabulary"]!["minimum"]!.GetValue<double>());
    }
}
