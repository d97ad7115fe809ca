#if TORCHSHARP
global using TorchSharp;
global using static TorchSharp.torch;
#else
global using ScalingLab.Torch;
global using static ScalingLab.Torch.torch;
#endif
