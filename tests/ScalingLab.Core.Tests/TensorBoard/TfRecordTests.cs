using ScalingLab.Core.TensorBoard;

namespace ScalingLab.Core.Tests.TensorBoard;

public sealed class TfRecordTests
{
    // RFC 3720, Appendix B.4; and the check value of CRC-32C in the catalogue of parametrised CRC algorithms (reveng.sourceforge.io).
    public static TheoryData<byte[], uint> Published => new()
    {
        { new byte[32], 0x8A9136AA },
        { [.. Enumerable.Repeat((byte)0xFF, 32)], 0x62A8AB43 },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)i)], 0x46DD794E },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))], 0x113FDB5C },
        { "123456789"u8.ToArray(), 0xE3069283 },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void Checksums_are_the_published_ones(byte[] data, uint crc) => Assert.Equal(crc, TfRecord.Crc32C(data));

    [Fact]
    public void A_record_is_length_checksum_data_checksum()
    {
        using var stream = new MemoryStream();
        TfRecord.Write(stream, "123456789"u8);
        byte[] record = stream.ToArray();
        Assert.Equal(8 + 4 + 9 + 4, record.Length);
        Assert.Equal(9UL, BitConverter.ToUInt64(record));
        Assert.Equal(TfRecord.MaskedCrc(record.AsSpan(0, 8)), BitConverter.ToUInt32(record, 8));
        Assert.Equal("123456789"u8.ToArray(), record[12..21]);
        Assert.Equal(unchecked(((0xE3069283u >> 15) | (0xE3069283u << 17)) + 0xA282EAD8u), BitConverter.ToUInt32(record, 21));
    }
}
