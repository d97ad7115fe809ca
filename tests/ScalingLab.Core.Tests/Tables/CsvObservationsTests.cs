using System.Globalization;
using ScalingLab.Core.Diagnostics;
using ScalingLab.Core.Runs;
using ScalingLab.Core.Tables;

namespace ScalingLab.Core.Tests.Tables;

public sealed class CsvObservationsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Short_names_are_recognised_whatever_their_case()
    {
        ObservationTable table = Read("n,d,c,U,Loss,in_fit\n1e6,2e7,1.2e14,1e7,3.5,1\n");
        Assert.Equal(
            new Observation { Run = "line-2", ParametersTotal = 1e6, Tokens = 2e7, Flops = 1.2e14, UniqueTokens = 1e7, Loss = 3.5 },
            Assert.Single(table.Rows));
        Assert.Equal(["in_fit"], table.ExtraColumns);
        Assert.Equal(["1"], table.Extras[0]);
    }

    [Fact]
    public void Steps_batches_and_weights_are_read_and_written_only_where_there_are_any()
    {
        ObservationTable table = Read("N,S,B,loss,loss_sd\n1e6,2e3,65536,3.5,0.01\n");
        Assert.Equal(new Observation { Run = "line-2", ParametersTotal = 1e6, Steps = 2e3, BatchTokens = 65536, Loss = 3.5, LossSd = 0.01 }, Assert.Single(table.Rows));
        Assert.StartsWith("run,params_total,params_non_embedding,params_with_head,tokens,unique_tokens,flops,loss,group,steps,batch_tokens,loss_sd\n", Csv(table), StringComparison.Ordinal);
        Assert.Equal(0.7, Read("N,loss,weight\n1,3,0.7\n").Rows[0].Weight);
        Assert.Null(Read("N,loss,s,b\n1,3,x,y\n").Rows[0].Steps); // Single letters of the newer columns count in upper case alone.
        Assert.Contains("weight is -1", Assert.Throws<UserErrorException>(() => Read("N,loss,weight\n1,3,-1\n")).Message, StringComparison.Ordinal);
        Assert.Contains("weight is empty", Assert.Throws<UserErrorException>(() => Read("N,loss,weight\n1,3,1\n2,3,\n")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_order_mark_windows_line_ends_quotes_semicolons_and_blank_lines_change_nothing()
    {
        Observation expected = Assert.Single(Read("run,N,D,loss\n\"a \"\"b\"\", c\",1000,2000,3.5\n").Rows);
        Assert.Equal("a \"b\", c", expected.Run);
        Assert.Equal(expected, Assert.Single(Read("\uFEFFrun;N;D;loss\r\n\r\n\"a \"\"b\"\", c\"; 1000 ;2000;3.5\r\n\r\n").Rows));
        Assert.Equal(expected, Assert.Single(Read("run\tN\tD\tloss\n\"a \"\"b\"\", c\"\t1000\t2000\t3.5").Rows));
    }

    [Fact]
    public void A_locale_with_a_decimal_comma_changes_nothing()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        german.NumberFormat = new NumberFormatInfo { NumberDecimalSeparator = ",", NumberGroupSeparator = "." };
        try
        {
            CultureInfo.CurrentCulture = german;
            ObservationTable table = Read("N,D,loss\n1.5e6,2e7,3.5\n1.5e6,2e7,3.25\n", where: "loss<3.4");
            Assert.Equal((1.5e6, 3.25), (table.Rows[0].ParametersTotal, Assert.Single(table.Rows).Loss));
            Assert.Contains(",3.25,", Csv(table), StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Columns_of_any_name_can_be_mapped_and_the_rest_stays_recognised()
    {
        ObservationTable table = Read("model,size,D,loss_val\nx,1e6,2e7,3.5\n", columns: "params=size, loss=loss_val, group=model");
        Assert.Equal(new Observation { Run = "line-2", ParametersTotal = 1e6, Tokens = 2e7, Loss = 3.5, Group = "x" }, Assert.Single(table.Rows));
    }

    [Fact]
    public void Tokens_that_are_missing_are_computed_from_parameters_and_flops_and_the_table_says_so()
    {
        ObservationTable table = Read("C,N,loss\n6e12,1e6,3.5\n");
        Assert.Equal(1e6, table.Rows[0].Tokens);
        Assert.Contains("C / (6 N)", Assert.Single(table.Notes), StringComparison.Ordinal);
        Assert.Empty(Read("C,N,D,loss\n6e12,1e6,5,3.5\n").Notes);
    }

    [Theory]
    [InlineData("in_fit=1", "1,2")]
    [InlineData("in_fit!=1", "3")]
    [InlineData("N<2e6", "1")]
    [InlineData("n<=2000000,name!=b", "1")]
    [InlineData("tokens>1e7", "3")]
    [InlineData("D>=1e7", "2,3")]
    [InlineData("name=b", "2")]
    [InlineData("name==b", "2")]
    public void Where_keeps_the_rows_that_meet_every_condition(string where, string expected)
    {
        ObservationTable table = Read("name,N,D,loss,in_fit\na,1e6,5e6,1,1\nb,2e6,1e7,2,1.0\nc,3e6,2e7,3,0\n", where: where);
        Assert.Equal(expected, string.Join(',', table.Rows.Select(r => r.Loss)));
        Assert.Equal(table.Rows.Count, table.Extras.Count);
    }

    [Theory]
    [InlineData("", null, null, ExitCode.CorruptData, "the file is empty")]
    [InlineData("N,D,loss\n", null, null, ExitCode.CorruptData, "a header and no rows")]
    [InlineData("N,D,lss\n1,2,3\n", null, null, ExitCode.CorruptData, "--columns loss=lss")]
    [InlineData("N,D,loss_val\n1,2,3\n", null, null, ExitCode.CorruptData, "--columns loss=loss_val")]
    [InlineData("a,b,loss\n1,2,3\n", null, null, ExitCode.CorruptData, "the columns are a, b, loss")]
    [InlineData("N,N,loss\n1,2,3\n", null, null, ExitCode.CorruptData, "names 'N' twice")]
    [InlineData("N,D,loss\n1,2\n1,2,3,4\n", null, null, ExitCode.CorruptData, "2 fields where the header has 3")]
    [InlineData("N,D,loss\n1,\"2,3\n1,2,3\n", null, null, ExitCode.CorruptData, "quotes of this line")]
    [InlineData("N,D,loss\n1,2,3\n", "loss", null, ExitCode.Usage, "'loss' is no pair")]
    [InlineData("N,D,loss\n1,2,3\n", "los=loss", null, ExitCode.Usage, "did you mean 'loss'?")]
    [InlineData("N,D,loss\n1,2,3\n", "loss=los", null, ExitCode.Usage, "has no column 'los'")]
    [InlineData("N,D,loss\n1,2,3\n", "loss=loss,loss=D", null, ExitCode.Usage, "names loss twice")]
    [InlineData("N,D,loss\n1,2,3\n", null, "N>5", ExitCode.Usage, "leaves none of 1 rows")]
    [InlineData("N,D,loss\n1,2,3\n", null, "N", ExitCode.Usage, "'N' is no condition")]
    [InlineData("N,D,loss\n1,2,3\n", null, "in_fit=1", ExitCode.Usage, "the columns are N, D, loss")]
    public void What_is_wrong_is_told_with_its_exit_code(string text, string? columns, string? where, ExitCode code, string message)
    {
        UserErrorException error = Assert.Throws<UserErrorException>(() => Read(text, columns, where));
        Assert.Equal(code, error.ExitCode);
        Assert.Contains(message, DiagnosticRenderer.Render(error.Diagnostics), StringComparison.Ordinal);
    }

    [Fact]
    public void All_bad_cells_are_reported_with_their_lines_up_to_twenty()
    {
        UserErrorException error = Assert.Throws<UserErrorException>(() => Read("run,N,D,loss,U\na,x,1,nan,\nb,-1,inf,3.0,\n\"c\nd\",1,1,0,u\ne,1,,\"1,5\",1\n"));
        Approved.Equal("BadCells", DiagnosticRenderer.Render(error.Diagnostics).Replace(folder.Path, "", StringComparison.Ordinal));
        string many = "N,D,loss\n" + string.Concat(Enumerable.Repeat("1,2,x\n", 100));
        Assert.Equal(20, Assert.Throws<UserErrorException>(() => Read(many)).Diagnostics.Count);
    }

    [Fact]
    public void A_bad_cell_in_a_row_that_where_leaves_out_does_no_harm() =>
        Assert.Single(Read("N,D,loss,in_fit\n1,2,x,0\n1,2,3,1\n", where: "in_fit=1").Rows);

    [Fact]
    public void A_law_that_needs_a_column_the_table_lacks_says_so()
    {
        ObservationTable table = Read("D,size,loss,C\n1,2,3,\n1,2,3,4\n");
        table.Require("the data law", ObservationColumn.Tokens, ObservationColumn.Loss);
        UserErrorException error = Assert.Throws<UserErrorException>(() => table.Require("the chinchilla law", ObservationColumn.ParamsTotal, ObservationColumn.Flops));
        Assert.Equal("the chinchilla law needs params_total, and '/t.csv' has no such column; the chinchilla law needs flops, and 1 of 2 rows have none", error.Message.Replace(folder.Path, "", StringComparison.Ordinal));
        Assert.Contains("the columns not yet used are size", error.Diagnostics[0].Help, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_written_out_reads_back_as_the_same_table()
    {
        ObservationTable table = Read("run,N,D,loss,note,group\n\"a,b\",1e6,2.1e7,3.3333333333333335,\"x\"\"y\",g\nc,1,2,3,,\n");
        File.WriteAllText(folder.File("u.csv"), Csv(table));
        ObservationTable again = ObservationTable.FromCsv(folder.File("u.csv"));
        Assert.Equal(table.Rows, again.Rows);
        Assert.Equal((table.ExtraColumns[0], table.Extras[0][0], table.Extras[1][0]), (again.ExtraColumns[0], again.Extras[0][0], again.Extras[1][0]));
        Assert.StartsWith("run,params_total,params_non_embedding,params_with_head,tokens,unique_tokens,flops,loss,group,note\n", Csv(table), StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_that_is_nowhere_and_flags_for_a_folder_are_usage_errors()
    {
        Assert.Contains("no file or folder", Assert.Throws<UserErrorException>(() => ObservationTable.Load(folder.File("none"))).Message, StringComparison.Ordinal);
        Assert.Contains("--where is for a CSV", Assert.Throws<UserErrorException>(() => ObservationTable.Load(folder.Path, where: "a=1")).Message, StringComparison.Ordinal);
        Assert.Contains("no runs in", Assert.Throws<UserErrorException>(() => ObservationTable.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    private static string Csv(ObservationTable table)
    {
        var text = new StringWriter();
        table.ToCsv(text);
        return text.ToString();
    }

    private ObservationTable Read(string text, string? columns = null, string? where = null)
    {
        File.WriteAllText(folder.File("t.csv"), text);
        return ObservationTable.Load(folder.File("t.csv"), columns, where);
    }
}
