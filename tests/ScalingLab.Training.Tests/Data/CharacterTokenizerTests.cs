using System.Text;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Training.Data;

namespace ScalingLab.Training.Tests.Data;

public sealed class CharacterTokenizerTests
{
    // python3 -c "import pickle;c=['\n',' ','a','é','😀'];print(pickle.dumps({'vocab_size':5,'itos':dict(enumerate(c)),'stoi':{x:i for i,x in enumerate(c)}}, protocol=P).hex())"
    private const string Protocol4 = "80049560000000000000007d94288c0a766f6361625f73697a65944b058c0469746f73947d94284b008c010a944b018c0120944b028c0161944b038c02c3a9944b048c04f09f988094758c0473746f69947d942868044b0068054b0168064b0268074b0368084b0475752e";
    private const string Protocol2 = "80027d710028580a000000766f6361625f73697a6571014b05580400000069746f7371027d7103284b0058010000000a71044b0158010000002071054b0258010000006171064b035802000000c3a971074b045804000000f09f9880710875580400000073746f6971097d710a2868044b0068054b0168064b0268074b0368084b0475752e";

    [Theory]
    [InlineData(Protocol2)]
    [InlineData(Protocol4)]
    public void The_vocabulary_of_a_pickle_maps_characters_to_its_ids_and_back(string pickle)
    {
        ITokenizer tokenizer = Load(Convert.FromHexString(pickle));
        List<int> ids = [];
        tokenizer.Encode(Encoding.UTF8.GetBytes("é a\n😀"), ids);
        Assert.Equal([3, 1, 2, 0, 4], ids);
        Assert.Equal("é a\n😀", Encoding.UTF8.GetString(tokenizer.Decode([.. ids])));
        Assert.Equal([1, 1, 1, 2, 4], tokenizer.BytesPerToken.ToArray());
        Assert.Equal((5, -1), (tokenizer.Vocabulary, tokenizer.EndOfDocument));
        Assert.Throws<ArgumentException>(() => tokenizer.Encode("b"u8, ids));
        using var folder = new TemporaryFolder();
        Assert.Equal(tokenizer.Sha256, TokenizerJson.Load(folder.File("tokenizer.json", tokenizer.ToJson())).Sha256);
    }

    [Theory]
    [InlineData("8004951f000000000000008c05706f736978948c0673797374656d9493948c047472756594859452942e", "0x93")] // os.system("true")
    [InlineData("80024b012e", "no dictionary with 'itos'")]
    [InlineData("80047d2e", "no dictionary with 'itos'")]
    [InlineData("80027d710028580a000000766f63", "cut off")]
    [InlineData("", "cut off")]
    public void Anything_else_in_a_pickle_is_refused_and_never_run(string pickle, string reason)
    {
        UserErrorException error = Assert.Throws<UserErrorException>(() => Load(Convert.FromHexString(pickle)));
        Assert.Contains(reason, error.Diagnostics[0].Message);
    }

    [Fact]
    public void A_pickle_with_any_byte_changed_or_cut_gives_a_typed_error_or_loads()
    {
        byte[] pickle = Convert.FromHexString(Protocol4);
        var random = new Random(3);
        for (int i = 0; i < 2000; i++)
        {
            byte[] changed = [.. pickle];
            changed[random.Next(pickle.Length)] = (byte)random.Next(256);
            Assert.True(Record.Exception(() => Load(i % 3 == 0 ? pickle[..random.Next(pickle.Length)] : changed)) is null or UserErrorException);
        }
    }

    private static ITokenizer Load(byte[] pickle)
    {
        using var folder = new TemporaryFolder();
        return TokenizerJson.Load(folder.File("meta.pkl", pickle));
    }
}
