namespace ScalingLab.Laws;

/// <summary>How compute-optimal sizes are estimated: the three approaches of Hoffmann et al. 2022, arXiv:2203.15556, Sec. 3.</summary>
public enum Approach
{
    /// <summary>Approach 3: a law fitted to all observations at once.</summary>
    Parametric,

    /// <summary>Approach 2: the optimum of each budget, then power laws.</summary>
    IsoFlop,

    /// <summary>Approach 1: the lower envelope of training curves, then power laws.</summary>
    Envelope,
}
