using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ScalingLab.Plotting.Tests.Browser;

/// <summary>A real headless Chromium with one page, driven over the DevTools protocol.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private readonly Process process;
    private readonly ClientWebSocket socket;
    private readonly string profile;
    private int calls;

    private Chromium(Process process, ClientWebSocket socket, string profile) => (this.process, this.socket, this.profile) = (process, socket, profile);

    /// <summary>Console errors, exceptions and refusals by the page's policy.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Addresses asked for over a network.</summary>
    public List<string> Requests { get; } = [];

    public static string? Find() => new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    /// <summary>Opens a local page and waits until it is loaded.</summary>
    public static async Task<Chromium> Open(string path, bool javaScript = true)
    {
        string profile = Directory.CreateTempSubdirectory("scalinglab-test-").FullName;
        Process process = Process.Start(new ProcessStartInfo(Find()!, ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run", "--remote-debugging-port=0", $"--user-data-dir={profile}", "--window-size=1200,1000", "about:blank"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _ = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
        string ports = Path.Combine(profile, "DevToolsActivePort");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        while (!File.Exists(ports) || File.ReadAllLines(ports).Length < 2)
            await Task.Delay(50, patience.Token);
        using var http = new HttpClient();
        JsonArray targets = JsonNode.Parse(await http.GetStringAsync($"http://127.0.0.1:{File.ReadAllLines(ports)[0]}/json", patience.Token))!.AsArray();
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(targets.First(t => (string?)t!["type"] == "page")!["webSocketDebuggerUrl"]!.GetValue<string>()), patience.Token);
        var browser = new Chromium(process, socket, profile);
        foreach (string domain in new[] { "Page", "Runtime", "Log", "Network" })
            await browser.Call(domain + ".enable");
        if (!javaScript)
            await browser.Call("Emulation.setScriptExecutionDisabled", new JsonObject { ["value"] = true });
        await browser.Call("Page.navigate", new JsonObject { ["url"] = new Uri(path).AbsoluteUri });
        await browser.Until("document.readyState === 'complete'");
        return browser;
    }

    /// <summary>Value of an expression, promises awaited.</summary>
    public async Task<JsonNode?> Evaluate(string expression)
    {
        JsonNode answer = await Call("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["awaitPromise"] = true, ["returnByValue"] = true });
        return answer["exceptionDetails"] is null ? answer["result"]!["value"] : throw new InvalidOperationException(answer["exceptionDetails"]!.ToJsonString());
    }

    /// <summary>Waits until an expression is true, half a minute at most.</summary>
    public async Task Until(string expression)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await Evaluate(expression))?.GetValue<bool>() != true)
            await Task.Delay(50, patience.Token);
    }

    /// <summary>Moves the mouse to a place of the window.</summary>
    public Task MoveMouse(double x, double y) => Call("Input.dispatchMouseEvent", new JsonObject { ["type"] = "mouseMoved", ["x"] = x, ["y"] = y });

    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        Directory.Delete(profile, recursive: true);
    }

    private async Task<JsonNode> Call(string method, JsonObject? parameters = null)
    {
        int id = ++calls;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        byte[] call = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] });
        await socket.SendAsync(call, WebSocketMessageType.Text, true, patience.Token);
        while (true)
        {
            JsonNode message = await Receive(patience.Token);
            if (message["id"]?.GetValue<int>() == id)
                return message["result"] ?? throw new InvalidOperationException(message.ToJsonString());
            Note(message);
        }
    }

    private async Task<JsonNode> Receive(CancellationToken patience)
    {
        var text = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (true)
        {
            WebSocketReceiveResult part = await socket.ReceiveAsync(buffer, patience);
            text.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return JsonNode.Parse(Encoding.UTF8.GetString(text.ToArray()))!;
        }
    }

    private void Note(JsonNode message)
    {
        switch ((string?)message["method"])
        {
            case "Runtime.exceptionThrown":
                Problems.Add(message["params"]!["exceptionDetails"]!.ToJsonString());
                break;
            case "Log.entryAdded" when (string?)message["params"]!["entry"]!["level"] is "error" or "warning":
                Problems.Add(message["params"]!["entry"]!["text"]!.GetValue<string>());
                break;
            case "Runtime.consoleAPICalled" when (string?)message["params"]!["type"] is "error" or "warning":
                Problems.Add(message["params"]!["args"]!.ToJsonString());
                break;
            case "Network.requestWillBeSent" when message["params"]!["request"]!["url"]!.GetValue<string>() is string url && !url.StartsWith("file:", StringComparison.Ordinal) && !url.StartsWith("data:", StringComparison.Ordinal) && !url.StartsWith("blob:", StringComparison.Ordinal):
                Requests.Add(url);
                break;
        }
    }
}

/// <summary>A test that needs a browser and the library for interactive plots.</summary>
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Chromium.Find() is null ? "chromium is not installed" : SetUpPlotly.Find() is null ? "set-up found no npm, and so no plotly.js" : null!;
}
