namespace ScalingLab.Torch.Tests;

/// <summary>The order in which a graph is captured and replayed, on steps that only write down that they were called.</summary>
public sealed class CudaGraphTests
{
    private readonly Steps steps = new();

    [Fact]
    public void A_capture_waits_takes_its_stream_records_and_gives_the_stream_back()
    {
        using CudaGraph graph = new(steps);
        graph.Capture(() => steps.Log.Add("work"), new CudaGraphPool(7, 8), CudaCaptureMode.Relaxed);
        Assert.Equal(["synchronize", "stream", "begin 7,8 Relaxed", "work", "end", "stream back"], steps.Log);
        Assert.True(graph.IsCaptured);
        Assert.Equal(new CudaGraphPool(1, 2), graph.Pool);
    }

    [Fact]
    public void A_replay_does_not_run_the_work_again()
    {
        using CudaGraph graph = new(steps);
        int ran = 0;
        graph.Capture(() => ran++);
        graph.Replay();
        graph.Replay();
        Assert.Equal(1, ran);
        Assert.Equal(2, steps.Log.Count(step => step == "replay"));
    }

    [Fact]
    public void Work_that_throws_leaves_the_stream_and_the_graph_clean_and_its_exception_comes_out()
    {
        using CudaGraph graph = new(steps);
        Assert.Throws<InvalidDataException>(() => graph.Capture(() => throw new InvalidDataException()));
        Assert.Equal(["synchronize", "stream", "begin own ThreadLocal", "end", "reset", "stream back"], steps.Log);
        Assert.False(graph.IsCaptured);
        Assert.Throws<InvalidOperationException>(graph.Replay);

        steps.Log.Clear();
        graph.Capture(() => { });
        Assert.True(graph.IsCaptured);
    }

    [Fact]
    public void Scopes_that_the_work_opened_are_closed_before_the_capture_is_ended()
    {
        using CudaGraph graph = new(steps);
        Assert.Throws<InvalidDataException>(() => graph.Capture(() =>
        {
            using IDisposable scope = steps.UseStream();
            throw new InvalidDataException();
        }));
        Assert.Equal(["stream back", "end"], steps.Log.SkipWhile(step => step != "stream back").Take(2));
    }

    [Fact]
    public void A_capture_that_cannot_end_is_dropped()
    {
        using CudaGraph graph = new(steps);
        steps.EndFails = true;
        Assert.Throws<InvalidDataException>(() => graph.Capture(() => { }));
        Assert.Equal(1, steps.Log.Count(step => step == "end"));
        Assert.Contains("reset", steps.Log);
        Assert.False(graph.IsCaptured);
    }

    [Fact]
    public void A_second_capture_needs_a_reset_and_a_capture_cannot_contain_itself()
    {
        using CudaGraph graph = new(steps);
        Assert.Throws<InvalidOperationException>(() => graph.Pool);
        InvalidOperationException? inside = null;
        graph.Capture(() => inside = Assert.Throws<InvalidOperationException>(() => graph.Capture(() => { })));
        Assert.Contains("being captured", inside!.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => graph.Capture(() => { }));
        graph.Reset();
        graph.Capture(() => { });
        Assert.True(graph.IsCaptured);
    }

    [Fact]
    public void A_generator_is_named_before_the_capture()
    {
        using torch.Generator generator = new(1);
        using CudaGraph graph = new(steps);
        graph.Follow(generator);
        graph.Capture(() => { });
        Assert.Throws<InvalidOperationException>(() => graph.Follow(generator));
        Assert.Equal("follow", steps.Log[0]);
    }

    private sealed class Steps : ICudaCapture
    {
        public List<string> Log { get; } = [];

        public bool EndFails { get; set; }

        public CudaGraphPool Pool => new(1, 2);

        public IDisposable UseStream()
        {
            Log.Add("stream");
            return new Back(Log);
        }

        public void Synchronize() => Log.Add("synchronize");

        public void Begin(CudaGraphPool? pool, CudaCaptureMode mode) => Log.Add($"begin {(pool is { } given ? $"{given.First},{given.Second}" : "own")} {mode}");

        public void End()
        {
            Log.Add("end");
            if (EndFails)
                throw new InvalidDataException();
        }

        public void Follow(torch.Generator generator) => Log.Add("follow");

        public void Replay() => Log.Add("replay");

        public void Reset() => Log.Add("reset");

        public void Dispose() => Log.Add("dispose");
    }

    private sealed class Back(List<string> log) : IDisposable
    {
        public void Dispose() => log.Add("stream back");
    }
}
