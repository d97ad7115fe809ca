namespace ScalingLab.Plotting.Report;

/// <summary>The report's only style sheet: a page to read, in light, dark and print.</summary>
internal static class ReportStyle
{
    public const string Css =
        """
        :root{color-scheme:light dark;--ground:#fff;--ink:#1d2126;--muted:#565d66;--rule:#d9dde2;--faint:#f4f6f8;--link:#0072b2;--warn:#b34700;--warn-ground:#fff6ee}
        @media screen and (prefers-color-scheme:dark){:root{--ground:#15181c;--ink:#e8eaed;--muted:#a4abb4;--rule:#363c44;--faint:#1d2126;--link:#4fb0e8;--warn:#ffa05c;--warn-ground:#2a1f16}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
        main{max-width:62rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
        h1{font-size:1.9rem;line-height:1.2;margin:0 0 .3rem;overflow-wrap:anywhere}
        h2{font-size:1.3rem;line-height:1.3;margin:3rem 0 .8rem;padding-top:.9rem;border-top:1px solid var(--rule)}
        h3{font-size:1rem;margin:1.8rem 0 .5rem}
        p{max-width:44rem;margin:.6rem 0}
        .source{color:var(--muted);margin:0 0 1.4rem;overflow-wrap:anywhere}
        .lead{font-size:1.13rem;line-height:1.6;max-width:46rem}
        .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:1px;margin:1.6rem 0;padding:0;background:var(--rule);border:1px solid var(--rule)}
        .facts div{background:var(--ground);padding:.8rem 1rem}
        .facts dt{font-size:.8rem;color:var(--muted)}
        .facts dd{margin:.15rem 0 0;font-size:1.45rem;font-variant-numeric:tabular-nums;line-height:1.25}
        .facts small{display:block;font-size:.8rem;color:var(--muted);line-height:1.4}
        .warning{border-left:4px solid var(--warn);background:var(--warn-ground);padding:.6rem .9rem;margin:.8rem 0;max-width:48rem;overflow-wrap:anywhere}
        .warning b{color:var(--warn)}
        .scroll{overflow-x:auto;margin:.8rem 0 1.2rem}
        table{border-collapse:collapse;font-size:.875rem;line-height:1.4;font-variant-numeric:tabular-nums}
        caption{text-align:left;color:var(--muted);padding-bottom:.45rem;position:sticky;left:0;max-width:min(46rem,calc(100vw - 3rem))}
        th,td{padding:.32rem .62rem;text-align:right;white-space:nowrap;border-bottom:1px solid var(--rule)}
        th{font-weight:600;vertical-align:bottom}
        thead th{border-bottom:2px solid var(--rule)}
        thead small{font-weight:400;color:var(--muted);display:block}
        th:first-child,td:first-child{padding-left:0}
        .text{text-align:left}
        .wrap{white-space:normal;overflow-wrap:anywhere;min-width:14rem}
        tbody tr:hover{background:var(--faint)}
        .interval{color:var(--muted)}
        .beyond td{font-style:italic}
        .bad{color:var(--warn);font-weight:600}
        .unused td{color:var(--muted)}
        figure{margin:1.6rem 0}
        figure svg{display:block;max-width:100%;height:auto}
        .wide{overflow-x:auto;margin-left:-1rem}
        figcaption{font-size:.9rem;color:var(--muted);max-width:46rem;margin-top:.4rem;overflow-wrap:anywhere}
        figcaption b{color:var(--ink)}
        figure button{font:inherit;font-size:.8rem;color:var(--link);background:none;border:1px solid var(--rule);border-radius:4px;padding:.15rem .6rem;margin:0 0 .3rem;cursor:pointer}
        figure button:hover{background:var(--faint)}
        .search{font:inherit;font-size:.9rem;color:inherit;background:var(--ground);border:1px solid var(--rule);border-radius:4px;padding:.3rem .6rem;width:min(26rem,100%)}
        .count{color:var(--muted);font-size:.85rem;margin-left:.8rem}
        [hidden]{display:none!important}
        sup,sub{font-size:.75em;line-height:0}
        footer{margin-top:3rem;padding-top:.9rem;border-top:1px solid var(--rule);color:var(--muted);font-size:.85rem}
        @media (max-width:44rem){.wide svg{min-width:40rem}main{padding-top:1.5rem}}
        @media print{@page{margin:16mm}figure button,.search,.count{display:none}body{font-size:10.5pt}main{max-width:none;padding:0}h2{margin-top:1.6rem}h2,h3,caption{break-after:avoid}figure,.facts,.warning,tr{break-inside:avoid}thead{display:table-header-group}.scroll{overflow:visible}th,td{padding:.2rem .45rem}table{font-size:8.5pt}}
        """;
}
