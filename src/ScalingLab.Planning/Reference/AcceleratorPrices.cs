namespace ScalingLab.Planning.Reference;

/// <summary>On-demand rent of an accelerator in one year.</summary>
/// <param name="Year">Year of the offers.</param>
/// <param name="Offers">How many there were.</param>
/// <param name="Low">Cheapest, USD an hour.</param>
/// <param name="Median">Median, USD an hour.</param>
/// <param name="High">Dearest, USD an hour.</param>
/// <param name="Source">Where they were read.</param>
public sealed record RentalPrice(int Year, int Offers, double Low, double Median, double High, string Source)
{
    /// <summary>The newest prices of an accelerator; null when the table has none.</summary>
    public static RentalPrice? Newest(Accelerator accelerator) => ReferenceTable.Read("rental-prices.csv").Where(r => r.Text("accelerator") == accelerator.Key)
        .Select(r => new RentalPrice(r.Whole("year"), r.Whole("offers"), r.Number("low_usd_per_hour"), r.Number("median_usd_per_hour"), r.Number("high_usd_per_hour"), r.Text("source")))
        .MaxBy(p => p.Year);
}

/// <summary>What an accelerator costs to buy.</summary>
/// <param name="Date">Date of the price.</param>
/// <param name="Usd">USD an accelerator.</param>
/// <param name="IncludesServer">Whether it is the share of a whole server.</param>
/// <param name="Source">Where it was read.</param>
public sealed record PurchasePrice(string Date, double Usd, bool IncludesServer, string Source)
{
    /// <summary>The price of an accelerator; null when the table has none.</summary>
    public static PurchasePrice? Of(Accelerator accelerator) => ReferenceTable.Read("purchase-prices.csv").Where(r => r.Text("accelerator") == accelerator.Key)
        .Select(r => new PurchasePrice(r.Text("date"), r.Number("usd_per_accelerator"), r.YesNo("includes_server"), r.Text("source"))).FirstOrDefault();
}
