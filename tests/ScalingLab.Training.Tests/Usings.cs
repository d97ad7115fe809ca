global using ScalingLab.Torch;
global using static ScalingLab.Torch.torch;
