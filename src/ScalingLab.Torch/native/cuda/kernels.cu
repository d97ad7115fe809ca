// All kernels of our own for NVIDIA GPUs: one translation unit, compiled where it runs by NVRTC, which sees these files alone.
#include "cross_entropy.cuh"
#include "scale.cuh"
#include "norm.cuh"
#include "activation.cuh"
#include "heads.cuh"
