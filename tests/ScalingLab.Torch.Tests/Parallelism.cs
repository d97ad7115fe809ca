// FLOPs are counted for the whole process, and the random generator and thread count are global.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
