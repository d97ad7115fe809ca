using System.Runtime.InteropServices;

namespace ScalingLab.Training.Data;

/// <summary>A hash table from byte strings to values that is asked by span, keeps its keys in one array and remembers their order.</summary>
internal sealed class PieceTable<T>
{
    private struct Entry
    {
        public uint Hash;
        public int Start, Length;
        public T Value;
    }

    private int[] buckets = new int[1 << 12]; // place of an entry + 1; 0 is free
    private Entry[] entries = new Entry[1 << 11];
    private byte[] keys = new byte[1 << 14];
    private int keyBytes;

    /// <summary>Number of keys.</summary>
    public int Count { get; private set; }

    /// <summary>A key, by order of its first use.</summary>
    public ReadOnlySpan<byte> Key(int place) => keys.AsSpan(entries[place].Start, entries[place].Length);

    /// <summary>A value, by order of its key's first use.</summary>
    public T Value(int place) => entries[place].Value;

    /// <summary>The value of a key, set to the default when it is new. Valid until the next call.</summary>
    public ref T Slot(ReadOnlySpan<byte> key)
    {
        uint hash = Hash(key);
        int bucket = Find(key, hash);
        if (buckets[bucket] == 0)
        {
            if (Count == entries.Length)
            {
                Grow();
                bucket = Find(key, hash);
            }
            buckets[bucket] = Store(key, hash);
        }
        return ref entries[buckets[bucket] - 1].Value;
    }

    /// <summary>Looks a key up without adding it.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, out T value)
    {
        int place = buckets[Find(key, Hash(key))];
        value = place == 0 ? default! : entries[place - 1].Value;
        return place != 0;
    }

    private int Find(ReadOnlySpan<byte> key, uint hash)
    {
        int mask = buckets.Length - 1;
        int bucket = (int)(hash & (uint)mask);
        for (int place; (place = buckets[bucket]) != 0; bucket = (bucket + 1) & mask)
        {
            ref Entry entry = ref entries[place - 1];
            if (entry.Hash == hash && entry.Length == key.Length && key.SequenceEqual(keys.AsSpan(entry.Start, entry.Length))) break;
        }
        return bucket;
    }

    private int Store(ReadOnlySpan<byte> key, uint hash)
    {
        if (keyBytes + key.Length > keys.Length) Array.Resize(ref keys, Math.Max(keys.Length * 2, keyBytes + key.Length));
        key.CopyTo(keys.AsSpan(keyBytes));
        entries[Count] = new Entry { Hash = hash, Start = keyBytes, Length = key.Length, Value = default! };
        keyBytes += key.Length;
        return ++Count;
    }

    private void Grow()
    {
        Array.Resize(ref entries, entries.Length * 2);
        buckets = new int[entries.Length * 2];
        for (int place = 0; place < Count; place++)
        {
            int bucket = (int)(entries[place].Hash & (uint)(buckets.Length - 1));
            while (buckets[bucket] != 0) bucket = (bucket + 1) & (buckets.Length - 1);
            buckets[bucket] = place + 1;
        }
    }

    /// <summary>Multiply and xor-shift over words of eight bytes; decides nothing but the speed.</summary>
    private static uint Hash(ReadOnlySpan<byte> key)
    {
        const ulong Odd = 0x9E3779B97F4A7C15;
        unchecked
        {
            ulong h = (ulong)key.Length * Odd;
            while (key.Length >= 8)
            {
                h = (h ^ MemoryMarshal.Read<ulong>(key)) * Odd;
                h ^= h >> 32;
                key = key[8..];
            }
            ulong tail = 0;
            for (int i = 0; i < key.Length; i++) tail |= (ulong)key[i] << (8 * i);
            h = (h ^ tail) * Odd;
            return (uint)(h >> 32);
        }
    }
}
