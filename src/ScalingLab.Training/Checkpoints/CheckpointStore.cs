using System.Security.Cryptography;
using System.Text.Json;
using ScalingLab.Core.Files;
using ScalingLab.Core.Runs;

namespace ScalingLab.Training.Checkpoints;

/// <summary>The <c>checkpoint-&lt;step&gt;</c> folders of a run: each whole or absent, the last two kept.</summary>
/// <remarks>
/// 1. Files are written into a folder of another name and flushed. 2. manifest.json with their checksums comes last.
/// 3. The folder is renamed and its parent flushed. A crash at any point leaves the former checkpoints as they were.
/// </remarks>
public sealed class CheckpointStore(RunFolder run)
{
    private const int Kept = 2;
    private const string Weights = "weights.safetensors";
    private const string Optimizer = "optimizer.safetensors";
    private const string State = "state.json";
    private const string Manifest = "manifest.json";

    /// <summary>Writes a checkpoint of the trainer and removes all but the last two.</summary>
    /// <exception cref="Core.Diagnostics.UserErrorException">The disk is full or the folder cannot be written; older checkpoints are intact.</exception>
    public void Save(ITrainer trainer, CheckpointState state)
    {
        string final = run.CheckpointPath(state.Step), partial = final + ".partial";
        try
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
            Directory.CreateDirectory(partial);
            var entries = new List<ManifestEntry>
            {
                WriteFile(partial, Weights, stream => SafeTensors.Write(stream, TrainerArrays.Weights(trainer.Weights), new Dictionary<string, string> { ["format"] = "pt" })),
                WriteFile(partial, Optimizer, stream => SafeTensors.Write(stream, TrainerArrays.Moments(trainer), new Dictionary<string, string>())),
                WriteFile(partial, State, stream => JsonSerializer.Serialize(stream, state, CheckpointJson.Default.CheckpointState)),
            };
            _ = WriteFile(partial, Manifest, stream => JsonSerializer.Serialize(stream, new CheckpointManifest { Files = entries }, CheckpointJson.Default.CheckpointManifest));
            Folder.Sync(partial);
            if (Directory.Exists(final))
                Directory.Delete(final, recursive: true); // of a former attempt that got further and was then lost
            Directory.Move(partial, final);
            Folder.Sync(run.Path);
        }
        catch (Exception error) when (DiskErrors.Translate(error, final) is { } translated)
        {
            DeleteQuietly(partial);
            throw translated;
        }

        foreach (long old in run.Checkpoints().Where(s => s < state.Step).Skip(Kept - 1))
            DeleteQuietly(run.CheckpointPath(old));
    }

    /// <summary>Puts the newest loadable checkpoint into the trainer.</summary>
    /// <param name="trainer">A fresh trainer of the same config.</param>
    /// <param name="rejected">Checkpoints that were passed over, and why.</param>
    /// <returns>Its state, or null when there is none that loads.</returns>
    public CheckpointState? Load(ITrainer trainer, out IReadOnlyList<string> rejected) =>
        Newest(step => LoadFrom(run.CheckpointPath(step), step, trainer), out rejected);

    /// <summary>Reads the weights of the newest loadable checkpoint; needs no engine.</summary>
    /// <param name="rejected">Checkpoints that were passed over, and why.</param>
    /// <returns>Its state and its arrays by the model's names, or null when there is none that loads.</returns>
    public SavedWeights? ReadWeights(out IReadOnlyList<string> rejected) => Newest(
        step =>
        {
            string folder = run.CheckpointPath(step);
            CheckpointState state = ReadState(folder, step, Weights, State);
            return new SavedWeights(state, SafeTensors.Read(Path.Combine(folder, Weights)));
        },
        out rejected);

    private T? Newest<T>(Func<long, T> load, out IReadOnlyList<string> rejected)
        where T : class
    {
        var passedOver = new List<string>();
        rejected = passedOver;
        foreach (long step in run.Checkpoints())
        {
            try
            {
                return load(step);
            }
            catch (Exception error) when (error is InvalidDataException or IOException or JsonException or UnauthorizedAccessException)
            {
                passedOver.Add($"{Path.GetFileName(run.CheckpointPath(step))}: {error.Message}");
            }
        }

        return null;
    }

    private CheckpointState LoadFrom(string folder, long step, ITrainer trainer)
    {
        CheckpointState state = ReadState(folder, step, Weights, Optimizer, State);
        if (step > trainer.TotalSteps)
            throw new InvalidDataException($"its state is that of step {state.Step} of {trainer.TotalSteps}");

        // Everything is read and checked before anything touches the trainer.
        IReadOnlyList<NamedArray> weights = SafeTensors.Read(Path.Combine(folder, Weights));
        IReadOnlyList<NamedArray> moments = SafeTensors.Read(Path.Combine(folder, Optimizer));
        TrainerArrays.Put(trainer, weights, moments);
        MeasuredFlops? flops = state is { FlopsPerStepForward: { } forward, FlopsPerStepBackward: { } backward } ? new MeasuredFlops(forward, backward) : null;
        trainer.ResumeAt(state.Step, flops);
        return state;
    }

    /// <summary>The state of a checkpoint whose named files are as its manifest says.</summary>
    private CheckpointState ReadState(string folder, long step, params ReadOnlySpan<string> files)
    {
        CheckpointManifest manifest = ReadJson(folder, Manifest, CheckpointJson.Default.CheckpointManifest);
        foreach (string needed in files)
        {
            ManifestEntry entry = manifest.Files?.FirstOrDefault(f => f?.File == needed) ?? throw new InvalidDataException($"{Manifest} does not list {needed}");
            Verify(Path.Combine(folder, needed), entry);
        }

        CheckpointState state = ReadJson(folder, State, CheckpointJson.Default.CheckpointState);
        if (state.RunId != run.Id)
            throw new InvalidDataException($"it belongs to run {state.RunId}");
        if (state.Step != step)
            throw new InvalidDataException($"its state is that of step {state.Step}");
        return state;
    }

    private static T ReadJson<T>(string folder, string file, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        using FileStream stream = File.OpenRead(Path.Combine(folder, file));
        return JsonSerializer.Deserialize(stream, type) ?? throw new InvalidDataException($"{file} is empty");
    }

    private static void Verify(string path, ManifestEntry entry)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length != entry.Bytes)
            throw new InvalidDataException($"{entry.File} has {stream.Length} bytes, the manifest says {entry.Bytes}");
        string found = Convert.ToHexStringLower(SHA256.HashData(stream));
        if (found != entry.Sha256)
            throw new InvalidDataException($"{entry.File} has SHA-256 {found}, the manifest says {entry.Sha256}");
    }

    private static ManifestEntry WriteFile(string folder, string name, Action<Stream> write)
    {
        using var file = new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, 1 << 16);
        write(file);
        file.Flush(flushToDisk: true);
        file.Position = 0;
        return new ManifestEntry { File = name, Bytes = file.Length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(file)) };
    }

    // What remains is named .partial or is older than two good checkpoints: nothing reads it, so failing to delete loses nothing.
    private static void DeleteQuietly(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}
