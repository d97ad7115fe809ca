using System.Diagnostics;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Files;

namespace ScalingLab.Core.Tests.Files;

public sealed class AtomicFileTests
{
    [Fact]
    public async Task A_reader_sees_the_old_content_or_the_new_and_never_a_mixture()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a");
        byte[] old = new byte[100_000], next = [.. Enumerable.Repeat((byte)1, 100_000)];
        AtomicFile.Write(path, old);
        Task writing = Task.Run(() =>
        {
            for (int i = 0; i < 30; i++)
                AtomicFile.Write(path, i % 2 == 0 ? next : old);
        });
        while (!writing.IsCompleted)
        {
            byte[] seen = File.ReadAllBytes(path);
            Assert.Equal(100_000, seen.Length);
            Assert.True(seen.All(b => b == seen[0]));
        }
        await writing;
        Assert.Equal(["a"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void On_a_full_disk_the_old_content_stays_nothing_half_written_lies_about_and_free_space_is_told()
    {
        using var folder = new TemporaryFolder();
        if (!Mount("-t", "tmpfs", "-o", "size=64k", "none", folder.Path))
            return; // Only root may mount.
        try
        {
            string path = folder.File("a");
            AtomicFile.Write(path, "old"u8);
            UserErrorException error = Assert.Throws<UserErrorException>(() => AtomicFile.Write(path, new byte[200_000]));
            Assert.Equal(ExitCode.Disk, error.ExitCode);
            Assert.Contains($"the disk is full: '{path}'", error.Message, StringComparison.Ordinal);
            Assert.Contains("MB are free there", error.Diagnostics[0].Help, StringComparison.Ordinal);
            Assert.Equal("old", File.ReadAllText(path));
            Assert.Single(Directory.GetFileSystemEntries(folder.Path));

            Assert.True(Mount("-o", "remount,ro", folder.Path));
            error = Assert.Throws<UserErrorException>(() => AtomicFile.Write(path, "new"u8));
            Assert.Equal("SL0702", error.Diagnostics[0].Code);
        }
        finally
        {
            using Process unmount = Process.Start("umount", folder.Path);
            unmount.WaitForExit();
        }
    }

    [Theory]
    [InlineData(28, "SL0701")]
    [InlineData(122, "SL0701")]
    [InlineData(30, "SL0702")]
    [InlineData(5, "SL0703")]
    public void The_faults_of_a_disk_are_told_apart(int errno, string code)
    {
        UserErrorException error = DiskErrors.Translate(new IOException("x", errno), "folder/a")!;
        Assert.Equal((ExitCode.Disk, code), (error.ExitCode, error.Diagnostics[0].Code));
    }

    [Fact]
    public void Other_exceptions_are_not_blamed_on_the_disk()
    {
        Assert.Null(DiskErrors.Translate(new FileNotFoundException(), "a"));
        Assert.Null(DiskErrors.Translate(new InvalidOperationException(), "a"));
        Assert.Equal("SL0702", DiskErrors.Translate(new UnauthorizedAccessException(), "a")!.Diagnostics[0].Code);
    }

    private static bool Mount(params string[] arguments)
    {
        try
        {
            using Process mount = Process.Start(new ProcessStartInfo("mount", arguments) { RedirectStandardError = true })!;
            mount.WaitForExit();
            return mount.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
